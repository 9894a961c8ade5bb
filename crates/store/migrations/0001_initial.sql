-- The first schema.
--
-- Ids are the 16 bytes of a UUIDv7, so that their order is the order of creation. Times are milliseconds
-- since 1970-01-01 UTC. Booleans are 0 or 1. Lists and maps are JSON text. Closed sets are their names
-- on the wire.

-- Facts about the database itself. 'master_key_check': a known text sealed under the master key, by
-- which a wrong key is recognised at the start.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The tenant.
CREATE TABLE company (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    identify_enabled INTEGER NOT NULL DEFAULT 1 CHECK (identify_enabled IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;

-- The one that answers on a company's sites. Its id is public.
CREATE TABLE agent (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    company_id BLOB NOT NULL REFERENCES company (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    greeting TEXT NOT NULL,
    instructions TEXT NOT NULL,
    starters TEXT NOT NULL, -- JSON list of texts
    accent TEXT,
    locale TEXT,
    allowed_origins TEXT NOT NULL, -- JSON list of origins; empty: any
    identify_enabled INTEGER NOT NULL DEFAULT 1 CHECK (identify_enabled IN (0, 1)),
    enforcement TEXT NOT NULL DEFAULT 'off' CHECK (enforcement IN ('off', 'report', 'require')),
    max_token_lifetime INTEGER, -- milliseconds; none: any
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX agent_by_company ON agent (company_id, id);

-- The secrets with which a site signs its tokens. 'sealed' opens only with this row's agent and id.
CREATE TABLE identity_key (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    last_four TEXT NOT NULL,
    nonce BLOB NOT NULL CHECK (length(nonce) = 24),
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    use_count INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER
) STRICT;
CREATE INDEX identity_key_by_agent ON identity_key (agent_id, id);

-- The users of the dashboard. 'email_key' is the address in lower case, for finding it and for keeping
-- it unique.
CREATE TABLE member (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    company_id BLOB NOT NULL REFERENCES company (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX member_by_company ON member (company_id, id);

-- The dashboard's sessions, by the SHA-256 of their tokens.
CREATE TABLE member_session (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    member_id BLOB NOT NULL REFERENCES member (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_session_by_member ON member_session (member_id);
CREATE INDEX member_session_by_expiry ON member_session (expires_at);

-- A verified user at one agent. 'user_id' is compared byte for byte (SQLite's BINARY collation).
CREATE TABLE profile (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL COLLATE BINARY,
    email TEXT,
    claims TEXT NOT NULL, -- JSON object: a claim's name to its JSON text as a string
    blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
    newest_issued_at REAL, -- seconds, as signed
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    UNIQUE (agent_id, user_id)
) STRICT;
CREATE INDEX profile_by_last_seen ON profile (agent_id, last_seen_at);

-- The visitors' sessions, by the SHA-256 of their tokens. 'profile_id' is the profile to which the
-- session is bound; none for an anonymous one. 'confirmed' is 1 once the session has been presented,
-- and so is known to have reached its visitor.
CREATE TABLE visitor_session (
    hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    profile_id BLOB REFERENCES profile (id) ON DELETE CASCADE,
    confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1)),
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visitor_session_by_agent ON visitor_session (agent_id);
CREATE INDEX visitor_session_by_profile ON visitor_session (profile_id);

-- 'session' is the session under which it was begun or claimed, as long as that lives. Without a profile,
-- that session alone owns it.
CREATE TABLE conversation (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    profile_id BLOB REFERENCES profile (id) ON DELETE CASCADE,
    session BLOB REFERENCES visitor_session (hash) ON DELETE SET NULL,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_by_agent ON conversation (agent_id, updated_at);
CREATE INDEX conversation_by_profile ON conversation (profile_id, updated_at);
CREATE INDEX conversation_by_session ON conversation (session);

-- The sessions that took part in a profile's conversation while the profile was verified, and so may go
-- on reading it when the token has expired.
CREATE TABLE session_conversation (
    session BLOB NOT NULL REFERENCES visitor_session (hash) ON DELETE CASCADE,
    conversation_id BLOB NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    PRIMARY KEY (session, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_conversation_by_conversation ON session_conversation (conversation_id);

-- 'seq' counts from 1 without gaps. 'client_id' is the id under which the visitor's client sent a
-- question, and makes sending it again harmless. 'context' is what the agent saw for an answer.
-- 'attributes' are the page's hints, never verified.
CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    conversation_id BLOB NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    role TEXT NOT NULL CHECK (role IN ('visitor', 'agent', 'operator')),
    text TEXT NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('streaming', 'complete', 'stopped', 'interrupted', 'failed')),
    finish_reason TEXT CHECK (finish_reason IN ('stop', 'length', 'stopped')),
    sources TEXT NOT NULL DEFAULT '[]', -- JSON list of {title, url}
    context TEXT,
    client_id TEXT,
    page_url TEXT,
    page_title TEXT,
    locale TEXT,
    attributes TEXT, -- JSON object of texts
    created_at INTEGER NOT NULL,
    finished_at INTEGER, -- when an answer ended
    UNIQUE (conversation_id, seq)
) STRICT;
CREATE UNIQUE INDEX message_by_client_id ON message (client_id, conversation_id) WHERE client_id IS NOT NULL;
CREATE INDEX message_streaming ON message (id) WHERE state = 'streaming';

-- The knowledge base.
CREATE TABLE article (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    url TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX article_by_agent ON article (agent_id, title);

-- What is found and quoted as one piece. 'agent_id' and 'title' repeat the article's, because the index
-- needs them again, exactly, when the section goes and the article is already gone.
CREATE TABLE section (
    id INTEGER PRIMARY KEY,
    article_id BLOB NOT NULL REFERENCES article (id) ON DELETE CASCADE,
    agent_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    heading TEXT,
    text TEXT NOT NULL,
    UNIQUE (article_id, position)
) STRICT;

-- The index over 'section' (rowid: section.id). It holds words, not the texts. 'scope' is one word made
-- of the agent's id, so that a search touches the words of one agent alone.
CREATE VIRTUAL TABLE passage USING fts5 (
    scope, title, heading, text,
    content = '',
    tokenize = 'porter unicode61 remove_diacritics 2'
);
-- Words of a section that was deleted leave the index's pages at once.
INSERT INTO passage (passage, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER section_enters_index AFTER INSERT ON section BEGIN
    INSERT INTO passage (rowid, scope, title, heading, text)
    VALUES (new.id, 'x' || lower(hex(new.agent_id)) || 'x', new.title, new.heading, new.text);
END;
CREATE TRIGGER section_leaves_index AFTER DELETE ON section BEGIN
    INSERT INTO passage (passage, rowid, scope, title, heading, text)
    VALUES ('delete', old.id, 'x' || lower(hex(old.agent_id)) || 'x', old.title, old.heading, old.text);
END;
-- A section is replaced, never changed.
CREATE TRIGGER section_stays_as_it_is BEFORE UPDATE ON section BEGIN
    SELECT raise(ABORT, 'a section is replaced, never changed');
END;
