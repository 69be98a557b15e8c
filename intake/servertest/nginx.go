package servertest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Nginx is an nginx that serves one file of sites, as a package puts it into
// /etc/nginx/conf.d. The server around it logs whatever a site doesn't keep out.
type Nginx struct {
	Dir string // its logs, and below body and proxy what it buffers

	process *process
}

// nginxConf is the server around the sites.
const nginxConf = `daemon off;
master_process off;
pid pid;
error_log error.log info;
events {}
http {
	access_log access.log;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path other;
	uwsgi_temp_path other;
	scgi_temp_path other;
	include site.conf;
}
`

// StartNginx runs a server for a test, and returns when it answers at an address.
func StartNginx(tb testing.TB, site, addr string) *Nginx {
	tb.Helper()
	skipMissing(tb, "nginx", haveNginx())
	n := &Nginx{Dir: tb.TempDir()}
	for name, text := range map[string]string{"nginx.conf": nginxConf, "site.conf": site} {
		if err := os.WriteFile(filepath.Join(n.Dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	args := []string{"-p", n.Dir, "-c", "nginx.conf", "-e", "error.log"}
	if out, err := exec.Command(nginxProgram, append(args, "-t")...).CombinedOutput(); err != nil {
		tb.Fatalf("nginx doesn't take it: %v\n%s", err, out)
	}
	var err error
	if n.process, err = launch(exec.Command(nginxProgram, args...)); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(n.process.kill)
	if err := n.process.answers(func() error { return reachable(addr) }); err != nil {
		tb.Fatal(err)
	}
	return n
}

const nginxProgram = "/usr/sbin/nginx"

func haveNginx() error {
	if _, err := os.Stat(nginxProgram); err != nil {
		return ErrMissing
	}
	return nil
}

func reachable(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	return c.Close()
}
