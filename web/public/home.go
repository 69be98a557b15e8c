package public

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// home is what this is, what is accepted, and how it protects its reader.
func (s *site) home(c *gin.Context) error { return s.html(c, http.StatusOK, s.of(s.view(c)).home) }

// privacy is the notice that the law asks for.
func (s *site) privacy(c *gin.Context) error {
	return s.html(c, http.StatusOK, s.of(s.view(c)).privacy)
}
