// Package intake is the domain of the tip line and the one door into it.
//
// Every channel (web form, JSON API, SMS callback, SMTP session, a handler at
// the desk) turns what it was given into a [Report] and hands it to
// [Service.Submit]. Nothing else stores a tip. Read service.go first.
//
// The package knows no wire format, no SQL and no web framework: it states what
// it needs in small interfaces, and the packages below it satisfy them.
package intake
