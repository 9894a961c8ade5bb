//! How an agent's widget looks and speaks: tokens, greeting, starters, language, contact, and the logo.

use std::fmt::Write as _;

use eloquent_types::{
    config::Contact,
    id::AgentId,
    theme::{Color, Theme},
};
use rusqlite::{Row, params};
use sha2::{Digest as _, Sha256};

use crate::{
    agent::AgentScope,
    column::{Col, Json},
    error::StoreError,
    store::{Reader, Writer},
};

/// The largest picture, in bytes.
pub const LOGO_MAX_BYTES: usize = 64 * 1024;

/// What kind of picture a logo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
}

impl LogoKind {
    /// The name under which it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Png, Self::Jpeg, Self::Webp, Self::Gif].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// By the first bytes of a file. A picture that can carry a script (SVG) is none.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            _ => None,
        }
    }
}

/// A picture of an agent: of a known kind and size.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    kind: LogoKind,
    hash: String,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logo").field("kind", &self.kind).field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogo {
    /// Over [`LOGO_MAX_BYTES`].
    #[error("a logo has at most 64 KiB")]
    TooLarge,
    /// None of the kinds.
    #[error("a logo is a PNG, JPEG, WebP or GIF file")]
    UnknownKind,
}

impl Logo {
    /// Checks size and kind, which is told by the first bytes alone.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, InvalidLogo> {
        if bytes.len() > LOGO_MAX_BYTES {
            return Err(InvalidLogo::TooLarge);
        }
        let kind = LogoKind::of(&bytes).ok_or(InvalidLogo::UnknownKind)?;
        let digest = Sha256::digest(&bytes);
        let mut hash = String::with_capacity(16);
        for byte in digest.iter().take(8) {
            // Writing to a `String` cannot fail.
            let _ = write!(hash, "{byte:02x}");
        }
        Ok(Self { kind, hash, bytes })
    }

    /// What kind it is.
    pub const fn kind(&self) -> LogoKind {
        self.kind
    }

    /// 16 hexadecimal digits that change with the picture.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Reader<'_> {
    /// The agent's logo, whoever asks: for the widget's API.
    pub fn logo(&self, agent: AgentId) -> Result<Option<Logo>, StoreError> {
        let sql = "SELECT kind, hash, bytes FROM agent_logo WHERE agent_id = ?1";
        self.row(sql, [Col(agent)], |row| {
            Ok(Logo {
                kind: row.get::<_, Col<_>>("kind")?.0,
                hash: row.get("hash")?,
                bytes: row.get("bytes")?,
            })
        })
    }
}

impl Writer<'_> {
    /// Sets all tokens of the agent's look; those that are absent become the widget's own. The logo is not
    /// among them: [`Writer::set_logo`].
    pub fn set_theme(&self, scope: &AgentScope, theme: &Theme) -> Result<(), StoreError> {
        let kept = Theme { accent: None, logo: None, ..theme.clone() };
        let accent = theme.accent.as_ref().map(Color::as_str);
        let sql = "UPDATE agent SET theme = ?2, accent = ?3 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), Json(&kept), accent]).map(drop)
    }

    /// Sets the first words of the panel.
    pub fn set_greeting(&self, scope: &AgentScope, greeting: &str) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET greeting = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), greeting]).map(drop)
    }

    /// Sets the questions to start with.
    pub fn set_starters(&self, scope: &AgentScope, starters: &[String]) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET starters = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), Json(starters)]).map(drop)
    }

    /// Sets the language of the agent's own words (BCP 47); `None` for none in particular.
    pub fn set_locale(&self, scope: &AgentScope, locale: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET locale = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), locale]).map(drop)
    }

    /// Sets how the company is reached without the chat.
    pub fn set_contact(&self, scope: &AgentScope, contact: Option<&Contact>) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET contact = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), contact.map(Contact::as_str)]).map(drop)
    }

    /// Switches the rating of answers on or off.
    pub fn set_feedback(&self, scope: &AgentScope, enabled: bool) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET feedback_enabled = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), enabled]).map(drop)
    }

    /// Switches the asking for a person on or off.
    pub fn set_handover(&self, scope: &AgentScope, enabled: bool) -> Result<(), StoreError> {
        let sql = "UPDATE agent SET handover_enabled = ?2 WHERE id = ?1";
        self.change(sql, params![Col(scope.agent), enabled]).map(drop)
    }

    /// Sets the agent's logo, or takes it away.
    pub fn set_logo(&self, scope: &AgentScope, logo: Option<&Logo>) -> Result<(), StoreError> {
        let Some(logo) = logo else {
            return self.change("DELETE FROM agent_logo WHERE agent_id = ?1", [Col(scope.agent)]).map(drop);
        };
        let sql = "INSERT INTO agent_logo (agent_id, kind, hash, bytes) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (agent_id) DO UPDATE SET kind = ?2, hash = ?3, bytes = ?4";
        self.change(sql, params![Col(scope.agent), Col(logo.kind), logo.hash, logo.bytes]).map(drop)
    }
}

/// The look in a row of `agent` with its logo's hash, which is `NULL` where there is none.
pub(crate) fn read_theme(row: &Row<'_>, id: AgentId) -> rusqlite::Result<Theme> {
    let accent: Option<String> = row.get("accent")?;
    let logo: Option<String> = row.get("logo")?;
    let kept: Theme = row.get::<_, Json<_>>("theme")?.0;
    Ok(Theme {
        // It may have been set without a check, by an older program.
        accent: accent.and_then(|accent| Color::parse(&accent).ok()),
        logo: logo.map(|hash| format!("v1/agents/{id}/logo?{hash}")),
        ..kept
    })
}

/// The contact in a row of `agent`.
pub(crate) fn read_contact(row: &Row<'_>) -> rusqlite::Result<Option<Contact>> {
    Ok(row.get::<_, Option<Col<_>>>("contact")?.map(|contact| contact.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_known_by_its_first_bytes() {
        let webp = b"RIFF\x04\0\0\0WEBPVP8 ";
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], LogoKind::Png),
            (b"\xff\xd8\xff\xe0....", LogoKind::Jpeg),
            (webp, LogoKind::Webp),
            (b"GIF89a....", LogoKind::Gif),
            (b"GIF87a", LogoKind::Gif),
        ] {
            assert_eq!(Logo::parse(bytes.to_vec()).unwrap().kind(), kind);
        }
        for bad in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"\x89PNG",
            b"RIFF\x04\0\0\0WAVE",
            b" GIF89a",
            b"GIF88a",
        ] {
            assert_eq!(Logo::parse(bad.to_vec()), Err(InvalidLogo::UnknownKind), "{bad:?}");
        }
        let sized = |bytes: usize| Logo::parse([&b"GIF89a"[..], &vec![0; bytes - 6]].concat());
        assert!(sized(LOGO_MAX_BYTES).is_ok());
        assert_eq!(sized(LOGO_MAX_BYTES + 1), Err(InvalidLogo::TooLarge));
        assert_ne!(sized(7).unwrap().hash(), sized(8).unwrap().hash());
        assert_eq!(sized(7).unwrap().hash().len(), 16);
    }
}
