package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"tipline/configs"
	"tipline/crypto/keyring"
	"tipline/intake"
	"tipline/intake/blob"
	"tipline/intake/casework"
	"tipline/intake/database"
	"tipline/intake/ledger"
	"tipline/intake/members"
	"tipline/intake/store"
)

// office is what every command starts from: configuration, pack and place.
type office struct {
	dir  string
	cfg  configs.Config
	pack *configs.Pack
	desk configs.Desk
	loc  *time.Location
	now  func() time.Time
	log  *slog.Logger

	passkeys *members.RelyingParty // nil where browsers make none
	// before runs ahead of a change of the tables; nil lets the schema's own way stand.
	before func(context.Context) error
}

// calendarFile, in the data folder, adds the holidays of years that the pack doesn't know.
const calendarFile = "calendar.yaml"

// openOffice reads configuration and pack; it touches neither keys nor database.
func openOffice(p place) (*office, error) {
	cfg, err := configs.Load(p.Config, os.Environ())
	if err != nil {
		return nil, err
	}
	pack, err := configs.LoadPack(cfg.Pack)
	if err != nil {
		return nil, err
	}
	if err := pack.ReadCalendar(filepath.Join(p.Data, calendarFile)); err != nil {
		return nil, err
	}
	if err := pack.Work(cfg.Desks, cfg.Ops.Desk, cfg.Alerts.Desks); err != nil {
		return nil, err
	}
	cfg.Office = cfg.Office.Or(pack.Office)
	loc, err := time.LoadLocation(cfg.Office.Timezone)
	if err != nil {
		return nil, fmt.Errorf("office.timezone: %w", err)
	}
	passkeys, err := members.NewRelyingParty(cfg.Desk.BaseURL, cmp.Or(cfg.Office.Name["zh-CN"], cfg.Office.Name["en"], "tipline"))
	if err != nil {
		return nil, fmt.Errorf("desk.base_url: %w", err)
	}
	o := &office{passkeys: passkeys, dir: p.Data, cfg: cfg, pack: pack, desk: pack.Desks[0], loc: loc, now: clock,
		log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}
	o.before = o.copies(needs{})
	return o, nil
}

func (o *office) openStore(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Options{URL: o.cfg.Database.Value(), Path: filepath.Join(o.dir, databaseFile), Loc: o.loc, Now: o.now, Before: o.before})
}

// openLedger opens the ledger where the configuration has it. Without a place of
// its own it stands beside the tips, whose database is shared when it is open
// already.
func (o *office) openLedger(ctx context.Context, shared *database.DB) (l *ledger.Ledger, own *database.DB, err error) {
	where := o.cfg.Ledger.Database.Value()
	if where == "" && shared != nil {
		l, err = ledger.Open(ctx, shared)
		return l, nil, err
	}
	key := "ledger.database"
	if where == "" {
		key, where = "database", o.cfg.Database.Value()
	}
	if own, err = database.Open(ctx, database.Options{URL: where, Path: filepath.Join(o.dir, databaseFile), Before: o.before}); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", key, err)
	}
	if l, err = ledger.Open(ctx, own); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", key, errors.Join(err, own.Close()))
	}
	return l, own, nil
}

func (o *office) members(st *store.Store) *members.Service {
	return members.New(members.Deps{Store: st, Vault: keyring.NewVault(min(2, runtime.NumCPU())), Desks: o.desks(), Loc: o.loc, Now: o.now, Passkeys: o.passkeys})
}

func (o *office) events() intake.Events {
	return intake.Events{Source: o.cfg.Public.BaseURL, Loc: o.loc, Now: o.now}
}

// needs are what a part of the program opens. A part is given no more than it
// works with: the relay never reads a key file, intake never opens the ledger.
type needs struct{ keys, tips, ledger bool }

// allOfIt is what commands and the desk need.
func allOfIt() needs { return needs{keys: true, tips: true, ledger: true} }

// house is an office with what it needs open; what it doesn't is nil.
type house struct {
	*office
	secrets
	store    *store.Store
	blobs    *blob.Dir
	ledger   *ledger.Ledger
	ledgerDB *database.DB // nil when the ledger shares the tips' database
	members  *members.Service
	keys     keySet
}

// openHouse opens everything a data folder holds and checks the keys' pins.
func openHouse(ctx context.Context, p place) (*house, error) {
	return openPart(ctx, p, allOfIt())
}

// openPart opens what n names.
func openPart(ctx context.Context, p place, n needs) (*house, error) {
	o, err := openOffice(p)
	if err != nil {
		return nil, err
	}
	o.before = o.copies(n)
	h := &house{office: o}
	if err := h.open(ctx, n); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context, n needs) (err error) {
	if n.keys {
		if h.secrets, err = readSecrets(h.dir); err != nil {
			return err
		}
	}
	var shared *database.DB
	if n.tips {
		if h.store, err = h.openStore(ctx); err != nil {
			return err
		}
		shared = h.store.Database()
	}
	if n.ledger {
		if h.ledger, h.ledgerDB, err = h.openLedger(ctx, shared); err != nil {
			return err
		}
	}
	if !n.keys {
		return nil
	}
	return h.openKeys(ctx)
}

// openKeys opens the sealed files and takes the role keys that are pinned.
func (h *house) openKeys(ctx context.Context) (err error) {
	if h.blobs, err = blob.Open(filepath.Join(h.dir, blobFolder), blob.Options{Loc: h.loc, Now: h.now}); err != nil {
		return err
	}
	h.members = h.office.members(h.store)
	keys, err := h.store.RoleKeys(ctx)
	if err != nil {
		return err
	}
	if err := h.pins.Check(keys); err != nil {
		return err
	}
	h.keys, err = newKeySet(keys, h.pack.Desks)
	return err
}

// close ends what is open. What was answered as stored is stored, so that an
// error here changes nothing.
func (h *house) close() {
	if h.blobs != nil {
		_ = h.blobs.Close()
	}
	if h.ledgerDB != nil {
		_ = h.ledgerDB.Close()
	}
	if h.store != nil {
		_ = h.store.Close()
	}
}

// casework is what members do, over this house.
// Without a door it files nothing.
func (h *house) casework(door *intake.Service) *casework.Service {
	d := casework.Deps{Store: h.store, Blobs: h.blobs, Keys: h.keys, Desks: h.desks(), Events: h.events(),
		Deadlines: deadlines{h.pack}, Before: deadlines{h.pack}.Before, Codes: vocabulary{h.pack}, Parcel: h.parcelTag, Retention: h.retention(), Forget: h.forget(), Parse: h.parse, Inlets: h.inlets(), Loc: h.loc, Now: h.now,
		Refusals: casework.Refusals{Mode: casework.ReviewMode(h.cfg.RefusalReview), OneIn: h.cfg.RefusalSample}}
	if door != nil {
		d.Submit, d.AddReread = door.Submit, door.Reread
	}
	return casework.New(d)
}

// parcelTag is the keyed tag under which parcels are compared. The key stays on this
// machine and in no database.
func (h *house) parcelTag(number string) []byte { return h.tags.Tag("parcel", number) }
