-- The PostgreSQL role for public reads. It sees the tables that everyone may read and nothing else.
--
-- Run it once on the database of Headsup, as its owner or a superuser, after `manage.py migrate`, and again
-- after an update (it may be run any number of times):
--
--     psql "$DATABASE_URL" -f docs/public-role.sql
--     psql "$DATABASE_URL" -c '\password headsup_public'
--
-- Then set PUBLIC_DATABASE_URL=postgres://headsup_public:PASSWORD@HOST:PORT/NAME

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'headsup_public') THEN
        CREATE ROLE headsup_public LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT;
    END IF;
END
$$;

ALTER ROLE headsup_public SET default_transaction_read_only = on;
ALTER ROLE headsup_public SET statement_timeout = '10s';

-- What an earlier version allowed is taken back first.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM headsup_public;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM headsup_public;
REVOKE CREATE ON SCHEMA public FROM headsup_public;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO headsup_public;

-- The same list as config/public_tables.py.
GRANT SELECT ON
    checking_area,
    checking_holiday,
    checking_method,
    checking_methodtarget,
    checking_network,
    checking_release,
    checking_releasecorrection,
    checking_releasedamount,
    checking_releasedexpected,
    checking_releasedpair,
    checking_releasedscope,
    checking_releasedshare,
    checking_releasedstrip,
    checking_service,
    checking_substance,
    checking_substanceclass,
    checking_substancename
TO headsup_public;
