package desk

import "tipline/web/page"

// RoutesOf are the routes of a console, as its router has them.
func RoutesOf(o Options) ([]string, error) {
	d := &desk{Options: o}
	r, err := page.NewRouter(o.Log, d.fail)
	if err != nil {
		return nil, err
	}
	d.routes(r)
	return r.Routes(), nil
}
