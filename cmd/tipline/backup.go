package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/term"

	"tipline/crypto/seal"
	"tipline/intake"
	"tipline/intake/backup"
	"tipline/intake/blob"
	"tipline/intake/database"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/intake/store"
)

// recoveryFile holds the recovery recipients, one "ROLE age1pq1…" a line, of a further
// desk "ROLE@DESK age1pq1…". It
// stands beside the pins and not in the database: who writes that could seal the
// next backup to themselves.
const recoveryFile = "keys/recovery"

// backupKeys are the key files in a backup. The tags' key isn't: the tags are left
// out too, and a fresh one is made with the restore, so that no backup can test a
// sender's number.
var backupKeys = [...]string{pepperFile, pinsFile, recoveryFile}

type backupCmd struct {
	place
	Out       string   `help:"File to write; it must not exist. - is standard output." required:"" placeholder:"FILE"`
	Recipient []string `help:"A further age recipient that can open the backup, beside the recovery recipients of tipline init." sep:"none" placeholder:"age1pq1…"`
}

// Help is printed below the usage.
func (backupCmd) Help() string {
	return "Copies tips, ledger, sealed files and keys into one file, sealed to the recovery recipients, while everything goes on. " +
		"Opened identities, drafts and the senders' tags are not in it. Keep the printed SHA-256 and head apart from the file: " +
		"a backup is sealed, not signed. Beside it stand the register of what was destroyed and, for each version of a role's key, a small file *.key " +
		"that backups share: copy them with it, for it opens only with them. tipline keys destroy deletes the one of an old version, and that is lost in every backup. " +
		"Try it: tipline restore --in FILE --identity KEY --data EMPTY."
}

func (c backupCmd) Run(ctx context.Context, t terminal) error {
	h, err := openHouse(ctx, c.place)
	if err != nil {
		return err
	}
	defer h.close()
	to, err := recipients(h.dir, c.Recipient...)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		return fmt.Errorf("nobody could open the backup: this installation has no recovery recipient. Make a recovery key with `tipline keys new --out FILE`, " +
			"grant it with `tipline keys recovery`, and keep FILE off this machine; or give --recipient age1pq1…")
	}
	tips, own, done, err := h.bare(ctx, h.dir)
	if err != nil {
		return err
	}
	defer done() // what was read is read
	source, err := h.source(tips, own, h.blobs)
	if err != nil {
		return err
	}
	source.Tell = teller(t.err)
	if err := c.beside(ctx, h, &source, to, t); err != nil {
		return err
	}
	out, err := newBackupFile(c.Out, t.out)
	if err != nil {
		return err
	}
	m, err := backup.Write(ctx, out, source, to...)
	if err != nil {
		return errors.Join(fmt.Errorf("no backup was made: %w", err), out.abort())
	}
	if err := out.finish(); err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	if err := h.noteBackup(); err != nil {
		return err
	}
	if st, err := spoolStats(h.dir, h.now()); err == nil && st.Files > 0 {
		t.note("tipline: %d {tip waits|tips wait} in the spool for the database and {is|are} not in this backup: make another once it is empty\n", st.Files)
	}
	tell := t
	if c.Out == "-" {
		tell.out = t.err
	}
	tell.summary(m)
	tell.say("sha256  %x\n", out.sum.Sum(nil))
	if source.Epoch != nil {
		tell.say("copy with it  %s and the files *.key of its folder, which every backup there shares\n", registerFile)
	}
	return missingFiles(m)
}

// beside brings the folder of a backup up to date, and lets the grants in it be sealed to the
// keys of their epochs, whose files stand there. A backup into a pipe has no folder: it
// holds all that opens it.
func (c backupCmd) beside(ctx context.Context, h *house, s *backup.Source, to []*age.HybridRecipient, t terminal) error {
	if c.Out == "-" {
		t.note("tipline: this backup opens without a file beside it, so that tipline keys destroy doesn't reach it: delete it by its day\n")
		return nil
	}
	dir, err := filepath.Abs(filepath.Dir(c.Out))
	if err != nil {
		return err
	}
	s.Epoch = epochKeys{dir: filepath.Join(h.dir, epochFolder), with: dir, to: to}.key
	if err := h.noteFolder(dir); err != nil {
		return err
	}
	return h.besideBackups(ctx, dir)
}

// recipients are the installation's recovery recipients and those that were named.
func recipients(dir string, named ...string) ([]*age.HybridRecipient, error) {
	kept, err := readRecovery(dir)
	if err != nil {
		return nil, err
	}
	var out []*age.HybridRecipient
	for _, r := range kept {
		out = append(out, r.Recipient)
	}
	for _, text := range named {
		r, err := seal.ParseRecipient(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--recipient: %w", err)}
		}
		out = append(out, r)
	}
	return out, nil
}

// readRecovery reads the recovery recipients; without the file there are none.
func readRecovery(dir string) (out []members.Recovery, err error) {
	lines, err := readLines(filepath.Join(dir, recoveryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i, line := range lines {
		text, _, _ := strings.Cut(line, "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		role, desk, _ := strings.Cut(words[0], "@")
		r, err := seal.ParseRecipient(words[len(words)-1])
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", recoveryFile, i+1, err)
		}
		out = append(out, members.Recovery{Role: role, Desk: desk, Recipient: r})
	}
	return out, nil
}

// keepRecovery notes the recipients of the set-up for backups.
func keepRecovery(dir string, recovery []members.Recovery) error {
	if len(recovery) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(recoveryFile)), 0o700); err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, recoveryFile), recoveryText(recovery))
}

func recoveryText(recovery []members.Recovery) string {
	var b strings.Builder
	b.WriteString("# Who can open a backup: ROLE RECIPIENT. Their keys are kept off this machine.\n")
	for _, r := range recovery {
		role := r.Role
		if r.Desk != "" {
			role += "@" + r.Desk
		}
		fmt.Fprintf(&b, "%s %s\n", role, r.Recipient)
	}
	return b.String()
}

// source is this installation, to be copied out of its databases.
func (o *office) source(tips, own *database.DB, blobs *blob.Dir) (s backup.Source, err error) {
	s = backup.Source{Program: version, Day: intake.DateOf(o.now(), o.loc), Blobs: blobs.Open, Keys: map[string][]byte{}}
	s.Tips, s.Ledger = backup.Database{DB: tips, Tables: store.Tables()}, backup.Database{DB: own, Tables: ledger.Tables()}
	if s.Tips.Schema, err = store.Schema(); err != nil {
		return s, err
	}
	if s.Ledger.Schema, err = ledger.Schema(); err != nil {
		return s, err
	}
	for _, name := range backupKeys {
		content, err := os.ReadFile(filepath.Join(o.dir, name))
		if errors.Is(err, fs.ErrNotExist) && name == recoveryFile {
			continue
		}
		if err != nil {
			return s, err
		}
		s.Keys[filepath.Base(name)] = content
	}
	return s, nil
}

// backupFile is a backup in the making: what carries its name is whole.
type backupFile struct {
	io.Writer
	sum  hash.Hash
	file *os.File // nil for standard output
	name string
}

func newBackupFile(name string, stdout io.Writer) (*backupFile, error) {
	b := &backupFile{name: name, sum: sha256.New()}
	if name == "-" {
		if f, ok := stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			return nil, usageError{errors.New("a backup isn't for a terminal: send it into a file or a pipe")}
		}
		b.Writer = io.MultiWriter(stdout, b.sum)
		return b, nil
	}
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already: a backup replaces no other, name a new file", name)
	}
	return b, b.open()
}

// open begins the file beside its name.
func (b *backupFile) open() (err error) {
	b.file, err = os.OpenFile(b.name+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	b.Writer = io.MultiWriter(b.file, b.sum)
	return err
}

// finish waits for the disk and gives the file its name. A name that somebody
// took meanwhile is theirs.
func (b *backupFile) finish() error {
	if b.file == nil {
		return nil
	}
	if err := errors.Join(b.file.Sync(), b.file.Close()); err != nil {
		return errors.Join(err, os.Remove(b.file.Name()))
	}
	if err := moveNew(b.file.Name(), b.name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(b.name))
}

// moveNew renames a file unless the new name is taken. On a USB stick there are no hard
// links, and only a look tells.
func moveNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		return os.Remove(from)
	}
	if _, there := os.Lstat(to); !errors.Is(there, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

func (b *backupFile) abort() error {
	if b.file == nil {
		return nil
	}
	return errors.Join(b.file.Close(), os.Remove(b.file.Name()))
}

func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// summary tells what a backup holds.
func (t terminal) summary(m backup.Manifest) {
	t.say("backup of %s by tipline %s\n", m.Day, m.Program)
	t.say("tips    %d, in ledger %d, waiting %d\n", m.Rows["tips/tips"], m.Rows["ledger/ledger_rows"], m.Rows["tips/outbox"])
	t.say("files   %d, %d {byte|bytes}\n", m.Files, m.Bytes)
	t.say("audit   %d {row|rows}, head %s\n", m.Audit.Seq, m.Audit.Hash)
	if m.Views > 0 {
		t.say("left out: %d opened {identity|identities}\n", m.Views)
	}
}

// missingFiles names the files whose rows are there and that are not.
func missingFiles(m backup.Manifest) error {
	if len(m.Missing) == 0 {
		return nil
	}
	return errorf("all else is in it, but %d sealed {file is|files are} missing from %s: %s; look for {it|them} in an older backup", len(m.Missing), blobFolder, strings.Join(m.Missing, " "))
}

// tellEvery is how often a long copy says how far it is.
const tellEvery = 2 * time.Second

// teller writes lines about progress for somebody who watches, and none else.
func teller(w io.Writer) func(backup.Progress) {
	now := pacer(w)
	return func(p backup.Progress) {
		if now() {
			io.WriteString(w, inEnglish("%-14s %d {row|rows}, %d {file|files}, %d MB\n", p.Part, p.Rows, p.Files, p.Bytes>>20))
		}
	}
}

// pacer says when it is time for a line about progress: never, when nobody watches.
func pacer(w io.Writer) func() bool {
	f, ok := w.(*os.File)
	watched, last := ok && term.IsTerminal(int(f.Fd())), time.Now()
	return func() bool {
		if !watched || time.Since(last) < tellEvery {
			return false
		}
		last = time.Now()
		return true
	}
}
