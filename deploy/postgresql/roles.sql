-- Two roles and the database. As the superuser, once:
--   psql -v owner_password=… -v service_password=… -f roles.sql
-- comments_owner makes and changes tables (`comments migrate`); comments_service reads and writes rows and no more, so
-- that whoever takes over a serving process cannot drop or alter anything.
\set ON_ERROR_STOP on

CREATE ROLE comments_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE comments_service LOGIN PASSWORD :'service_password';
CREATE DATABASE comments OWNER comments_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE comments FROM PUBLIC;
GRANT CONNECT ON DATABASE comments TO comments_service;

-- Behind PgBouncer the service cannot say this when it connects.
ALTER ROLE comments_service SET statement_timeout = '30s';

\connect comments
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO comments_owner;
GRANT USAGE ON SCHEMA public TO comments_service;
-- Also for tables that later versions add.
ALTER DEFAULT PRIVILEGES FOR ROLE comments_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO comments_service;
ALTER DEFAULT PRIVILEGES FOR ROLE comments_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO comments_service;
