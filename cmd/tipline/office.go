package main

import (
	"context"
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
}

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
	cfg.Office = cfg.Office.Or(pack.Office)
	loc, err := time.LoadLocation(cfg.Office.Timezone)
	if err != nil {
		return nil, fmt.Errorf("office.timezone: %w", err)
	}
	if cfg.Database.Value() != "" || cfg.Ledger.Database.Value() != "" {
		return nil, fmt.Errorf("database: this version keeps its tips in SQLite in the data folder; leave database and ledger.database empty")
	}
	return &office{dir: p.Data, cfg: cfg, pack: pack, desk: pack.Desks[0], loc: loc, now: time.Now,
		log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}, nil
}

func (o *office) openStore(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Options{Path: filepath.Join(o.dir, databaseFile), Loc: o.loc, Now: o.now})
}

func (o *office) members(st *store.Store) *members.Service {
	return members.New(members.Deps{Store: st, Vault: keyring.NewVault(min(2, runtime.NumCPU())), Desk: o.desk.ID, Loc: o.loc, Now: o.now})
}

func (o *office) events() intake.Events {
	return intake.Events{Source: o.cfg.Public.BaseURL, Loc: o.loc, Now: o.now}
}

// house is an office with its stores open.
type house struct {
	*office
	secrets
	store   *store.Store
	blobs   *blob.Dir
	ledger  *ledger.Ledger
	members *members.Service
	keys    keySet
}

// openHouse opens everything a data folder holds and checks the keys' pins.
func openHouse(ctx context.Context, p place) (*house, error) {
	o, err := openOffice(p)
	if err != nil {
		return nil, err
	}
	h := &house{office: o}
	if h.secrets, err = readSecrets(p.Data); err != nil {
		return nil, err
	}
	if h.store, err = o.openStore(ctx); err != nil {
		return nil, err
	}
	if err := h.open(ctx); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context) (err error) {
	if h.blobs, err = blob.Open(filepath.Join(h.dir, blobFolder), blob.Options{Loc: h.loc, Now: h.now}); err != nil {
		return err
	}
	if h.ledger, err = ledger.Open(ctx, h.store.Database()); err != nil {
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

func (h *house) close() {
	if h.blobs != nil {
		h.blobs.Close()
	}
	h.store.Close()
}

// casework is what members do, over this house.
func (h *house) casework(submit func(context.Context, *intake.Report) (intake.Filed, error)) *casework.Service {
	return casework.New(casework.Deps{Store: h.store, Blobs: h.blobs, Keys: h.keys, Events: h.events(),
		Deadlines: h.deadlines(), Submit: submit, Loc: h.loc, Now: h.now})
}
