//! What a guess says to the site's developer, in the words of the libraries that they use.

use super::{Advice, SecretUse, Suspicion, payload::is_zone};

/// How HS256 is asked for where it is not what a library does unasked.
const ASK_FOR_HS256: &str = "jsonwebtoken (Node): { algorithm: \"HS256\" }; jose: \
    setProtectedHeader({ alg: \"HS256\" }); PyJWT: algorithm=\"HS256\"; ruby-jwt and firebase/php-jwt: \
    \"HS256\"; golang-jwt: jwt.SigningMethodHS256; JJWT: Jwts.SIG.HS256; .NET: SecurityAlgorithms.HmacSha256.";

const NOT_A_TOKEN: &str = "Pass the JWT alone, as your library returns it.";

impl Suspicion {
    /// One or two English sentences: the likely mistake, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::Bearer => format!("\"Bearer \" stands before the token. {NOT_A_TOKEN}"),
            Self::Quoted => format!(
                "The token is in quotes: it was written as JSON once more, or pasted with them. {NOT_A_TOKEN}"
            ),
            Self::WhiteSpace => {
                format!("There is white space or a line break in or around the token. {NOT_A_TOKEN}")
            }
            Self::UrlEncoded => "The token is percent-encoded, as in an address. Decode it, or pass it in a \
                body, where it needs no encoding."
                .to_owned(),
            Self::Encrypted => {
                "A token of five parts is encrypted (JWE), and nobody can read it here. Sign it \
                instead: HS256 with the agent's secret."
                    .to_owned()
            }
            Self::Cut => {
                format!("The token is cut off: it starts like one, but has not three parts. {NOT_A_TOKEN}")
            }
            Self::Template => {
                "A template was not filled in: this is the place for the token, not the token. \
                Does your server put it there before the page is sent?"
                    .to_owned()
            }
            Self::Nothing(what) => format!(
                "This is the word {what}: there was no token where it was read. Look at what your server \
                 answers, and at the name of the field."
            ),
            Self::Promise => "This is a promise, not its result. Await it: const { token } = await \
                response.json()."
                .to_owned(),
            Self::Object => {
                "This is an object written as text. Pass its field with the token: identify({ token \
                }) with the text of the token."
                    .to_owned()
            }
            Self::Json => {
                "This is JSON around a token, perhaps your server's whole answer. Pass the text of \
                its token alone, in compact form."
                    .to_owned()
            }
            Self::Html => {
                "This is a page, not a token: your server answered with HTML, perhaps its log-in or \
                error page. Check the address and the visitor's session there."
                    .to_owned()
            }
            Self::SecretInstead => {
                "This is a secret, not a token. It must never reach a page: revoke it, and \
                sign with a new one on your server."
                    .to_owned()
            }
            Self::Padded => {
                "There is padding (=) in the token: base64url in a JWT has none. Sign with a JWT \
                library instead of by hand."
                    .to_owned()
            }
            Self::StandardAlphabet => {
                "A part is in plain base64 (+ and /), but a JWT is in base64url (- and _). \
                Sign with a JWT library instead of by hand."
                    .to_owned()
            }
            _ => self.text_after_the_form(),
        }
    }

    fn text_after_the_form(&self) -> String {
        match self {
            Self::KeyPair(alg) => format!(
                "{alg} signs with a key pair, but the agent's secret is a shared one. Ask for HS256: {ASK_FOR_HS256}"
            ),
            Self::OtherHash(alg) => format!(
                "{alg} is HMAC with another hash; only HS256 is taken. Ask for it (some libraries choose by the \
                 length of the secret): {ASK_FOR_HS256}"
            ),
            Self::Unsigned => {
                format!("The token is not signed. Sign it on your server with HS256: {ASK_FOR_HS256}")
            }
            Self::Spelling => {
                "The name is spelled HS256, in capitals and without a hyphen or space.".to_owned()
            }
            Self::XmlName => "alg is the name that XML signatures have for it. In .NET use \
                SecurityAlgorithms.HmacSha256 instead of HmacSha256Signature."
                .to_owned(),
            Self::NoAlgorithm => format!("The header has no alg. Sign with HS256: {ASK_FOR_HS256}"),
            Self::OtherAgent { name } => format!(
                "This is signed with a key of the agent \"{name}\". Sign with a key of this agent, or inspect it \
                 there."
            ),
            Self::OtherAgentNamed { name } => format!(
                "kid names a key of the agent \"{name}\", and no key of this agent signed. Are data-agent-id \
                 and the secret of the same agent?"
            ),
            Self::RevokedKey => {
                "This is signed with a revoked key of this agent. Sign with an active one.".to_owned()
            }
            Self::WrongKid => {
                "An active key of this agent signed, but kid names another of its keys, which is \
                then the only one tried. Name the key that signs, or leave kid out."
                    .to_owned()
            }
            Self::Secret(used) => used.text().to_owned(),
            Self::HexMac => {
                "The signature is written in hexadecimal. In a JWT it is base64url of the 32 bytes; \
                sign with a JWT library instead of by hand."
                    .to_owned()
            }
            Self::MacLength(bytes) => format!(
                "The signature has {bytes} bytes; one of HS256 has 32. Was another hash used, or was it cut or \
                 encoded twice?"
            ),
            _ => self.text_after_the_signature(),
        }
    }

    fn text_after_the_signature(&self) -> String {
        match self {
            Self::JustExpired { ago, lifetime } => format!(
                "It was valid for {} and ended {} ago. If it was signed just now, the clock of the server that \
                 signs is behind: set it by NTP. If not, pass getToken, so that the widget asks for a new one in \
                 time.",
                span(*lifetime),
                span(*ago)
            ),
            Self::ClockBehind { seconds } => format!(
                "If it was signed just now, the times are behind by {}: local time was taken for UTC. Count the \
                 seconds since 1970 in UTC, as Date.now() / 1000, time.time() and time() do.",
                span(*seconds)
            ),
            Self::ClockAhead { seconds } => ahead(*seconds),
            Self::EndsBeforeItBegins => {
                "exp is not after iat. It is the time of signing plus the lifetime, both in seconds."
                    .to_owned()
            }
            Self::LongLife { lifetime, allowed } => format!(
                "It lives for {}, and this agent allows {}. Sign for a shorter time and pass getToken, or raise \
                 the limit.",
                span(*lifetime),
                span(*allowed)
            ),
            Self::Misnamed(name) => format!(
                "The id seems to be in {name}. The claim must be called user_id, and {name} is not read in its \
                 place."
            ),
            Self::Nested(claim) => format!(
                "There is a user_id inside of {claim}. It must be a claim of its own, at the top: sign the inner \
                 object itself."
            ),
            Self::EmptyUserId => {
                "The user_id is empty. Sign a token only for a visitor who is logged in.".to_owned()
            }
            Self::LongUserId(characters) => format!(
                "The user_id has {characters} characters, and 255 are allowed. Is it an id, or a whole record or \
                 token?"
            ),
            Self::ControlInUserId(character) => format!(
                "The user_id has the control character U+{:04X} in it, perhaps a line end that was read along.",
                u32::from(*character)
            ),
            _ => String::new(),
        }
    }
}

impl SecretUse {
    /// One or two English sentences.
    const fn text(self) -> &'static str {
        match self {
            Self::WithoutPrefix => {
                "The secret was used without elq_. The prefix belongs to it: use all 47 characters."
            }
            Self::DecodedBase64 => {
                "The secret was decoded from base64 before it was used. Use its text as it is: no \
                 Buffer.from(secret, \"base64\"), base64_decode, b64decode or Decoders.BASE64, and no option like \
                 \"secret is base64 encoded\"."
            }
            Self::DecodedHex => {
                "The secret was decoded from hexadecimal before it was used. Use its text as it is."
            }
            Self::EncodedBase64 => {
                "The secret was encoded in base64 before it was used. Use its text as it is."
            }
            Self::Quoted => {
                "The secret was used with the quotes around it. Take them off where it is read from."
            }
            Self::Spaced => {
                "The secret was used with white space or a line end around it. Trim it where it is read from."
            }
            Self::EnvLine => {
                "The whole line was used as the secret. It is what comes after ELOQUENT_SECRET=."
            }
            Self::Utf16 => "The secret was used in UTF-16. Take its bytes in UTF-8: Encoding.UTF8 in .NET.",
            Self::KeyId => "The id of the key was used in place of its secret, which starts with elq_.",
            Self::Nothing => {
                "There was no secret where the token was signed: it is empty, or the word for nothing. Is the \
                 environment variable set in the process that signs?"
            }
        }
    }
}

impl Advice {
    /// One or two English sentences: what is odd, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::InMilliseconds(claim) => format!(
                "{} is in milliseconds, thousands of years ahead. It must be in seconds: Math.floor(Date.now() / \
                 1000).",
                claim.name()
            ),
            Self::ClockAhead { seconds } => ahead(*seconds),
            Self::NeverExpires => {
                "The token has no exp and never expires: whoever gets hold of it is this user \
                until the key is revoked. Add exp, for example in an hour."
                    .to_owned()
            }
            Self::UnknownKid => "kid names no key of this agent and was ignored.".to_owned(),
            Self::KidOfOtherAgent { name } => {
                format!("kid names a key of the agent \"{name}\" and was ignored.")
            }
            Self::SpacedUserId => {
                "The user_id has white space around it, which counts: it is another user than \
                without."
                    .to_owned()
            }
        }
    }
}

fn ahead(seconds: f64) -> String {
    let zone = if is_zone(seconds) {
        "local time was taken for UTC, most likely. Count the seconds since 1970 in UTC."
    } else {
        "set it by NTP."
    };
    format!("The clock of the server that signs is ahead by {}: {zone}", span(seconds))
}

/// A length of time, in whole seconds, and in larger units from two of them on.
fn span(seconds: f64) -> String {
    let rounded = seconds.round();
    for (unit, name) in [(86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes")] {
        if rounded >= 2.0 * unit {
            return format!("{rounded} s ({:.1} {name})", rounded / unit);
        }
    }
    format!("{rounded} s")
}
