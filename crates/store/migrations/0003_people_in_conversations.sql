-- The look of an agent's widget, people in conversations, and what visitors think of answers.

-- The look: 'theme' holds the tokens except for the accent, which has its column, and the logo.
ALTER TABLE agent ADD COLUMN theme TEXT NOT NULL DEFAULT '{}'; -- JSON object of tokens
ALTER TABLE agent ADD COLUMN contact TEXT;
ALTER TABLE agent ADD COLUMN feedback_enabled INTEGER NOT NULL DEFAULT 1 CHECK (feedback_enabled IN (0, 1));
ALTER TABLE agent ADD COLUMN handover_enabled INTEGER NOT NULL DEFAULT 1 CHECK (handover_enabled IN (0, 1));

-- The agent's picture. 'hash' is the beginning of its SHA-256 in hexadecimal, by which its address changes
-- with it.
CREATE TABLE agent_logo (
    agent_id BLOB NOT NULL PRIMARY KEY REFERENCES agent (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('png', 'jpeg', 'webp', 'gif')),
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL CHECK (length(bytes) <= 65536)
) STRICT;

-- Where a conversation stands between the agent and people. 'operator' has taken it over. 'unread' is 1
-- while a person is waited for and has not answered. 'page_events' are what the page said has happened,
-- never verified, the newest 20.
ALTER TABLE conversation ADD COLUMN status TEXT NOT NULL DEFAULT 'open'
    CHECK (status IN ('open', 'waiting', 'assigned', 'resolved'));
ALTER TABLE conversation ADD COLUMN operator TEXT;
ALTER TABLE conversation ADD COLUMN unread INTEGER NOT NULL DEFAULT 0 CHECK (unread IN (0, 1));
ALTER TABLE conversation ADD COLUMN page_events TEXT NOT NULL DEFAULT '[]'; -- JSON list of {name, properties, at}
CREATE INDEX conversation_by_need ON conversation (agent_id, unread, updated_at, id);
CREATE INDEX conversation_by_status ON conversation (agent_id, status, updated_at, id);

-- Messages can be changes of status ('text' is the status, 'author' the operator), have an author where an
-- operator wrote them, and suggestions and a rating where they are answers. (A CHECK cannot be changed: the
-- table is made anew.)
CREATE TABLE message_anew (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    conversation_id BLOB NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq > 0),
    role TEXT NOT NULL CHECK (role IN ('visitor', 'agent', 'operator', 'status')),
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
    author TEXT,
    suggestions TEXT NOT NULL DEFAULT '[]', -- JSON list of texts
    rating TEXT CHECK (rating IN ('up', 'down')),
    rating_comment TEXT,
    rated_at INTEGER,
    UNIQUE (conversation_id, seq)
) STRICT;
INSERT INTO message_anew (id, conversation_id, seq, role, text, verified, state, finish_reason, sources,
        context, client_id, page_url, page_title, locale, attributes, created_at, finished_at)
    SELECT id, conversation_id, seq, role, text, verified, state, finish_reason, sources,
        context, client_id, page_url, page_title, locale, attributes, created_at, finished_at
    FROM message;
DROP TABLE message;
ALTER TABLE message_anew RENAME TO message;
CREATE UNIQUE INDEX message_by_client_id ON message (client_id, conversation_id) WHERE client_id IS NOT NULL;
CREATE INDEX message_streaming ON message (id) WHERE state = 'streaming';
