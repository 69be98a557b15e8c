package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// How long a server is waited for: for a connection, for one statement as the
// server sees it, and for any answer as we see it. The server gives up first, so
// that a slow statement ends with its reason.
const (
	lookupTime    = 3 * time.Second // of a name, once for TLS and once without
	dialTime      = 5 * time.Second
	statementTime = 12 * time.Second
	patience      = 15 * time.Second
)

// How many connections one process holds, unless it is told.
const (
	readersPostgres = 8
	writersPostgres = 2
)

// openPostgres opens the writing and the reading connections and asks the server
// whether they work, so that a wrong setting stops the start.
func openPostgres(ctx context.Context, o Options) (*DB, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return nil, errors.New("can't be read: it must look like postgres://user:password@host:5432/name") // the library's error may hold the password
	}
	if o.Readers == 0 {
		o.Readers = readersPostgres
	}
	if o.Writers == 0 {
		o.Writers = writersPostgres
	}
	d := &DB{Dialect: Postgres, Writers: o.Writers, options: o}
	reads := map[string]string{"default_transaction_read_only": "on"}
	if o.Patient {
		d.Write, d.Read = unhurried(config, map[string]string{"idle_in_transaction_session_timeout": "0"}), unhurried(config, reads)
	} else {
		// One more than the writers: whoever shares the database needn't wait for them.
		d.Write = pool(config, o.Writers+1, map[string]string{"idle_in_transaction_session_timeout": "60000"})
		d.Read = pool(config, o.Readers, reads)
	}
	if err := d.Write.PingContext(ctx); err != nil {
		return nil, errors.Join(explain(config, err), d.Close())
	}
	return d, nil
}

func pool(base *pgx.ConnConfig, size int, params map[string]string) *sql.DB {
	config := configured(base, params)
	config.RuntimeParams["statement_timeout"] = fmt.Sprint(statementTime.Milliseconds())
	config.DialFunc = dial
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// unhurried are connections whose statements may take as long as a large table needs. The
// server itself may be set up with less patience.
func unhurried(base *pgx.ConnConfig, params map[string]string) *sql.DB {
	config := configured(base, params)
	config.RuntimeParams["statement_timeout"] = "0"
	return stdlib.OpenDB(*config)
}

// configured is what every connection is told.
func configured(base *pgx.ConnConfig, params map[string]string) *pgx.ConnConfig {
	config := base.Copy()
	config.RuntimeParams["application_name"] = "tipline"
	config.RuntimeParams["synchronous_commit"] = "on"
	maps.Copy(config.RuntimeParams, params)
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = dialTime
	}
	config.LookupFunc = lookup
	return config
}

// lookup finds the server by its name. Where a container or a network is away its name server may keep silent, and Go
// asks that one for ten seconds.
func lookup(ctx context.Context, host string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	return net.DefaultResolver.LookupHost(ctx, host)
}

// dial connects, and lets no wait for the server go on for ever.
func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTime, KeepAlive: 30 * time.Second}
	c, err := d.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &impatient{Conn: c}, nil
}

// impatient is a connection whose reads and writes end after patience, also when
// their caller has set no end. Whoever sets a deadline of their own is obeyed. One
// that ended stays so: pgx reads once more behind a wait that was too long.
type impatient struct {
	net.Conn
	mu     sync.Mutex // a cancelled context sets a deadline from its own goroutine
	theirs bool
	ended  bool
}

func (c *impatient) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.theirs = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *impatient) Read(b []byte) (int, error) {
	if err := c.hurry(c.SetReadDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	return n, c.tooLong(err)
}

func (c *impatient) Write(b []byte) (int, error) {
	if err := c.hurry(c.SetWriteDeadline); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	return n, c.tooLong(err)
}

func (c *impatient) hurry(set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.theirs:
		return nil
	case c.ended:
		return errNoAnswer
	}
	return set(time.Now().Add(patience))
}

func (c *impatient) tooLong(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !errors.Is(err, os.ErrDeadlineExceeded) || c.theirs {
		return err
	}
	c.ended = true
	return errors.Join(errNoAnswer, err)
}

// explain says in one line which setting is wrong.
func explain(c *pgx.ConnConfig, err error) error {
	at := fmt.Sprintf("PostgreSQL at %s:%d", c.Host, c.Port)
	switch codePostgres(err) {
	case "28P01", "28000":
		return fmt.Errorf("%s refuses user %q: check the user and the password", at, c.User)
	case "3D000":
		return fmt.Errorf("%s has no database %q: create it, or mend the name", at, c.Database)
	case "42501":
		return fmt.Errorf("%s doesn't let user %q into database %q: grant it CONNECT", at, c.User, c.Database)
	case "53300":
		return fmt.Errorf("%s has no connection left: raise max_connections", at)
	case "57P03":
		return fmt.Errorf("%s is starting up or shutting down: try again", at)
	case "":
		return fmt.Errorf("%s doesn't answer: %w", at, plain(err))
	default:
		return fmt.Errorf("%s: %w", at, err)
	}
}

// plain is the innermost reason of a connection that failed: the outer ones
// repeat the settings.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	if _, reason, ok := strings.Cut(err.Error(), ": "); ok && strings.Contains(reason, "tls") {
		return errors.New("TLS is refused; see sslmode in its documentation")
	}
	return errors.New("the connection was refused or broke off")
}

func codePostgres(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// awayPostgres: no connection, one that broke, or a server that is shutting down
// (class 57P), starting, out of connections (53), or too slow (57014).
func awayPostgres(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	code := codePostgres(err)
	return errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, sql.ErrConnDone) ||
		strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53") || strings.HasPrefix(code, "08") || code == "57014"
}

// unansweredPostgres: no state came back, or the one of a connection that ends (08, 57P).
// Where there was no connection at all, nothing was asked.
func unansweredPostgres(err error) bool {
	var connect *pgconn.ConnectError
	code := codePostgres(err)
	return !errors.As(err, &connect) && (code == "" || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "08"))
}

// undonePostgres: a deadlock (40P01) or a serialization failure (40001).
func undonePostgres(err error) bool {
	code := codePostgres(err)
	return code == "40P01" || code == "40001"
}
