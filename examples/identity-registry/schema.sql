-- A small person registry with the tables that University of Washington's event notifications name as triggers. What the tables
-- are called is theirs; their columns are made up.
CREATE SCHEMA idreg;

-- A person, a shared account or a group.
CREATE TABLE idreg.regid (
  regid char(32) PRIMARY KEY,
  internal_key bigint NOT NULL UNIQUE,
  status text NOT NULL DEFAULT 'active',
  -- The one that was joined with this.
  prior_regid char(32)
);

-- A record of a source system, and whom it belongs to: 0 profile, 1 human resources, 2 students, 3 medicine, 4 sponsored, ...
CREATE TABLE idreg.validation (
  source smallint NOT NULL,
  id text NOT NULL,
  regid char(32) NOT NULL,
  internal_key bigint NOT NULL,
  status text NOT NULL DEFAULT 'active',
  PRIMARY KEY (source, id)
);

-- What a source says of a person.
CREATE TABLE idreg.verify (
  source smallint NOT NULL,
  id text NOT NULL,
  regid char(32) NOT NULL,
  first_name text,
  last_name text,
  birth_date date,
  email text,
  PRIMARY KEY (source, id)
);

-- What a person is there: faculty, staff, student, ...
CREATE TABLE idreg.category (
  source smallint NOT NULL,
  id text NOT NULL,
  regid char(32) NOT NULL,
  category smallint NOT NULL,
  status smallint NOT NULL DEFAULT 1,
  PRIMARY KEY (source, id, category)
);

-- An account name. One that is `wanted` is not given yet.
CREATE TABLE idreg.uwnetid (
  uwnetid text PRIMARY KEY,
  regid char(32) NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('wanted', 'active', 'disabled'))
);

-- A service of an account; 60 is its password.
CREATE TABLE idreg.subscription (
  uwnetid text NOT NULL,
  subscription smallint NOT NULL,
  status text NOT NULL DEFAULT 'active',
  forward text,
  PRIMARY KEY (uwnetid, subscription)
);

-- Who answers for whom.
CREATE TABLE idreg.sponsor (
  regid char(32) NOT NULL,
  sponsor char(32) NOT NULL,
  until date,
  PRIMARY KEY (regid, sponsor)
);
