-- Identity that can be operated: keys that retire, the log of attempts, coverage, claims with their
-- provenance, keys of the administration API.

-- 'retires_at': the time, if one was chosen, from which on the key counts as revoked.
ALTER TABLE identity_key ADD COLUMN retires_at INTEGER;

-- Every attempt to be identified, numbered within its agent. What stands from 'key_id' to 'user_id' was signed: it is there only
-- where the signature held. 'code' is 'ok' or the verdict's code, 'reason' the finer one behind it.
CREATE TABLE identity_attempt (
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    surface TEXT NOT NULL CHECK (surface IN ('identify', 'chat', 'read')),
    code TEXT NOT NULL,
    reason TEXT,
    enforcement TEXT NOT NULL CHECK (enforcement IN ('off', 'report', 'require')),
    origin TEXT,
    key_id BLOB,
    issued_at REAL,
    not_before REAL,
    expires_at REAL,
    user_id TEXT COLLATE BINARY,
    conversation_id BLOB REFERENCES conversation (id) ON DELETE CASCADE,
    profile_id BLOB REFERENCES profile (id) ON DELETE CASCADE,
    -- The kind, each of which is bounded apart (0 rejected, 1 identified, 2 an identified read), and the
    -- place in it, from 1 on.
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2)),
    place INTEGER NOT NULL,
    PRIMARY KEY (agent_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identity_attempt_by_kind ON identity_attempt (agent_id, kind, place);
CREATE INDEX identity_attempt_by_time ON identity_attempt (at);
CREATE INDEX identity_attempt_by_conversation ON identity_attempt (conversation_id);
CREATE INDEX identity_attempt_by_profile ON identity_attempt (profile_id);

-- Chat requests by hour (whole hours since 1970), origin ('' where none was sent) and code ('ok' or the
-- verdict's), counted under the enforcement that was set at the time.
CREATE TABLE identity_coverage (
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    hour INTEGER NOT NULL,
    origin TEXT NOT NULL,
    code TEXT NOT NULL,
    enforcement TEXT NOT NULL CHECK (enforcement IN ('off', 'report', 'require')),
    requests INTEGER NOT NULL,
    PRIMARY KEY (agent_id, hour, origin, code, enforcement)
) STRICT, WITHOUT ROWID;

-- The verified claims of a profile, each with the token in which it took this value: 'issued_at' is that
-- token's own time (seconds, as signed; none where it had none), 'received_at' when it was verified.
-- 'value' is compact JSON text.
CREATE TABLE profile_claim (
    profile_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE BINARY,
    agent_id BLOB NOT NULL,
    value TEXT NOT NULL,
    issued_at REAL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (profile_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX profile_claim_by_value ON profile_claim (agent_id, name, value);
INSERT INTO profile_claim (profile_id, name, agent_id, value, issued_at, received_at)
    SELECT p.id, j.key, p.agent_id, j.value, p.newest_issued_at, p.updated_at
    FROM profile p, json_each(p.claims) j;
ALTER TABLE profile DROP COLUMN claims;

-- The same for the email: the token that gave the one that stands.
ALTER TABLE profile ADD COLUMN email_issued_at REAL;
ALTER TABLE profile ADD COLUMN email_received_at INTEGER;
UPDATE profile SET email_issued_at = newest_issued_at, email_received_at = updated_at WHERE email IS NOT NULL;
CREATE INDEX profile_by_email ON profile (agent_id, email COLLATE NOCASE);

-- What pages said of the user without proof ('update'), the newest value of each name.
CREATE TABLE profile_hint (
    profile_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE BINARY,
    value TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (profile_id, name)
) STRICT, WITHOUT ROWID;

-- What changed on a profile. 'name' is the claim's, where it is one; 'actor' who did it, where it was
-- not a token.
CREATE TABLE profile_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id BLOB NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('created', 'claim', 'email', 'blocked', 'unblocked')),
    name TEXT,
    old TEXT,
    new TEXT,
    issued_at REAL,
    key_id BLOB,
    actor TEXT
) STRICT;
CREATE INDEX profile_change_by_profile ON profile_change (profile_id, id);

-- What becomes of a claim, by its name; of one that is not named here, the agent sees it. 'email' may be
-- named too.
CREATE TABLE claim_policy (
    agent_id BLOB NOT NULL REFERENCES agent (id) ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE BINARY,
    use TEXT NOT NULL CHECK (use IN ('dashboard', 'dropped')),
    PRIMARY KEY (agent_id, name)
) STRICT, WITHOUT ROWID;

-- Keys of the administration API, by the SHA-256 of their secrets.
CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    company_id BLOB NOT NULL REFERENCES company (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    last_four TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_key_by_company ON api_key (company_id, id);
