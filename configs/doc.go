// Package configs holds everything an office may change without touching code: the configuration
// (one struct, defaults, YAML file, environment), the packs (categories, places, departments,
// deadlines and the texts of the public pages) and the JSON Schemas of the events.
//
// It imports nothing of tipline, so that every other package stays free of it: only cmd reads a
// Config and hands plain values on.
package configs
