package desk

import (
	"net/url"

	"github.com/gin-gonic/gin"

	"tipline/intake/casework"
	"tipline/intake/members"
)

// saveView keeps the inbox as it is filtered now under a name, for this member.
func (d *desk) saveView(c *gin.Context, s *members.Session) error {
	if err := d.parse(c); err != nil {
		return err
	}
	q, err := url.ParseQuery(c.PostForm("query"))
	if err != nil {
		return invalid("query", "format")
	}
	query := queryOf(readFilter(q)).Encode() // nothing but filters is kept
	if err := d.Casework.SaveView(c.Request.Context(), d.actor(s), casework.SavedView{Name: c.PostForm("name"), Query: query}); err != nil {
		return err
	}
	return d.to(c, "/?"+query)
}

func (d *desk) dropView(c *gin.Context, s *members.Session) error {
	if err := d.Casework.DropView(c.Request.Context(), d.actor(s), c.Param("id")); err != nil {
		return err
	}
	return d.to(c, "/")
}
