// Package page is what the sites of the tip line share: templates parsed at the
// start, languages, links under a path prefix, assets with content-hash
// addresses, security headers, the refusal of posts from elsewhere, the client's
// address, deadlines for slow lines, and a router whose handlers return errors.
//
// A site is made with [New] and served as [Site.Handler] of a [Router].
package page
