package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"tipline/intake"
	"tipline/intake/datum"
	"tipline/intake/ledger"
	"tipline/intake/tiles"
	"tipline/web/desk"
)

// ground is what the desk's map is drawn on. Pictures of this machine are served by the
// desk itself; close ends reading them.
func (p *program) ground() (g desk.Ground, close func(), err error) {
	g = desk.Ground{Attribution: p.cfg.Map.Attribution, Datum: p.cfg.Map.Datum, Places: map[string]datum.Point{}, Parcels: p.parcels}
	for _, q := range p.pack.Places {
		if at, ok := datum.Parse(q.Lat, q.Lon); ok {
			g.Places[q.Code] = at
		}
	}
	switch source := p.cfg.Map.Tiles; {
	case source == "":
		return g, func() {}, nil
	case strings.Contains(source, "://"):
		u, err := url.Parse(strings.NewReplacer("{", "", "}", "").Replace(source))
		if err != nil {
			return g, nil, fmt.Errorf("map.tiles: %w", err)
		}
		g.Tiles, g.Origin = source, u.Scheme+"://"+u.Host
		return g, func() {}, nil
	default:
		pictures, err := tiles.Open(source)
		if err != nil {
			return g, nil, fmt.Errorf("map.tiles: %w", err)
		}
		g.Tiles, g.Tile = "/map/tiles/{z}/{x}/{y}", func(ctx context.Context, zoom, x, y int) ([]byte, string, error) {
			picture, kind, err := pictures.Tile(ctx, zoom, x, y)
			if errors.Is(err, tiles.ErrNone) {
				err = intake.ErrNotFound
			}
			return picture, kind, err
		}
		return g, func() { _ = pictures.Close() }, nil // it was only read
	}
}

// parcels are those of a desk's ledger as the map shows them.
func (p *program) parcels(ctx context.Context, deskID, place, category string, n int) (out []desk.Parcel, more bool, err error) {
	for k, err := range p.ledger.Parcels(ctx, ledger.ParcelFilter{Desk: deskID, Place: place, Category: category, Limit: n + 1}) {
		if err != nil {
			return nil, false, err
		}
		if len(out) == n {
			return out, true, nil
		}
		out = append(out, desk.Parcel{Number: k.Number, Batch: k.Batch, Place: k.Place, Category: k.Category, State: k.State,
			Lat: k.Lat, Lon: k.Lon, Datum: k.Datum, DueOn: k.DueOn, Closed: k.ClosedOn != ""})
	}
	return out, false, nil
}
