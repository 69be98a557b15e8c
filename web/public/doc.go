// Package public is the citizens' site: the pages, the JSON API and the
// gateways' hooks, on one listener. Its whole URL space stands in public.go.
//
// It keeps nothing: a report's fields live in memory for the time of the request
// and its files stream through to the service. What an office shows on its pages
// comes in as [Content].
package public
