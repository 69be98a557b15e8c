package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// rival is one server under measurement.
type rival struct {
	name string
	cmd  func(addr, data string) *exec.Cmd
}

// kind is one way to load a rival.
type kind struct {
	name    string
	body    body
	clients int
}

func rivals(tipline string) []rival {
	self, err := os.Executable()
	if err != nil {
		self = os.Args[0]
	}
	return []rival{
		{"bare gin", func(addr, _ string) *exec.Cmd { return exec.Command(self, "-serve", "bare", "-addr", addr) }},
		{"same jobs", func(addr, data string) *exec.Cmd {
			return exec.Command(self, "-serve", "same", "-addr", addr, "-data", data)
		}},
		{"tipline", func(addr, data string) *exec.Cmd {
			c := exec.Command(tipline, "up", "--data", data)
			c.Env = append(os.Environ(), "TIPLINE_PUBLIC_ADDR="+addr, "TIPLINE_PUBLIC_BASE_URL=http://"+addr, "TIPLINE_DESK_ADDR=", "TIPLINE_SMTP_ADDR=", "TIPLINE_OPS_ADDR=",
				"TIPLINE_LIMITS_ORIGIN_SOFT_PER_HOUR=100000000", "TIPLINE_LIMITS_ORIGIN_HARD_PER_HOUR=100000000",
				"TIPLINE_LIMITS_GLOBAL_SOFT_PER_MINUTE=10000000", "TIPLINE_LIMITS_GLOBAL_HARD_PER_MINUTE=10000000")
			return c
		}},
	}
}

// measure runs every rival under every kind of load, interleaved, and prints the
// medians.
func measure(ctx context.Context, tipline string, rounds int, each time.Duration) error {
	dir, err := os.MkdirTemp("", "tipline-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	photo := photo()
	kinds := []kind{{"text 2 KB", textBody, 1}, {"text 2 KB", textBody, 16}, {fmt.Sprintf("photos 3×%d KB", len(photo)/1000), photoBody(photo), 1}, {fmt.Sprintf("photos 3×%d KB", len(photo)/1000), photoBody(photo), 16}}
	all := map[string][]figures{}
	for round := range rounds {
		for _, k := range kinds {
			for _, r := range rivals(tipline) {
				fmt.Fprintf(os.Stderr, "\rround %d of %d: %-16s c=%-3d %-10s", round+1, rounds, k.name, k.clients, r.name)
				f, err := once(ctx, dir, tipline, r, k, each)
				if err != nil {
					return fmt.Errorf("%s: %w", r.name, err)
				}
				key := fmt.Sprint(k.name, k.clients, r.name)
				all[key] = append(all[key], f)
			}
		}
	}
	fmt.Fprint(os.Stderr, "\r", strings.Repeat(" ", 60), "\r")
	show(kinds, rivals(tipline), all)
	return nil
}

// once starts a rival on a fresh folder, warms it, loads it and stops it.
func once(ctx context.Context, dir, tipline string, r rival, k kind, each time.Duration) (figures, error) {
	data, err := os.MkdirTemp(dir, "data")
	if err != nil {
		return figures{}, err
	}
	defer os.RemoveAll(data)
	house := filepath.Join(data, "house")
	if out, err := exec.CommandContext(ctx, tipline, "init", "--data", house, "--member", "h:handler", "--member", "c:custodian").CombinedOutput(); err != nil {
		return figures{}, fmt.Errorf("init: %w: %s", err, out)
	}
	addr, err := freeAddr()
	if err != nil {
		return figures{}, err
	}
	cmd := r.cmd(addr, house)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return figures{}, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if err := ready(ctx, "http://"+addr+"/"); err != nil {
		return figures{}, err
	}
	fire(ctx, "http://"+addr+"/report", k.body, k.clients, each/4)
	f := fire(ctx, "http://"+addr+"/report", k.body, k.clients, each)
	f.peakMB = peak(cmd.Process.Pid)
	return f, ctx.Err()
}

func freeAddr() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

func ready(ctx context.Context, target string) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		if resp, err := http.Get(target); err == nil {
			resp.Body.Close()
			return nil
		}
	}
	return fmt.Errorf("nothing answers on %s", target)
}

// peak is the most memory a process held, in MB, where the system tells (Linux).
func peak(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

// photo is a JPEG of about 300 KB.
func photo() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	img.SetRGBA(0, 0, color.RGBA{1, 2, 3, 255})
	for q := 60; ; q++ {
		var b bytes.Buffer
		must(jpeg.Encode(&b, img, &jpeg.Options{Quality: q}))
		if b.Len() > 290_000 || q == 100 {
			return b.Bytes()
		}
	}
}

func show(kinds []kind, rs []rival, all map[string][]figures) {
	fmt.Printf("%-16s %4s  %-10s %10s %9s %9s %7s %9s %9s\n", "load", "c", "server", "req/s", "p50 ms", "p99 ms", "errors", "peak MB", "/same")
	for _, k := range kinds {
		base := median(all[fmt.Sprint(k.name, k.clients, "same jobs")])
		for _, r := range rs {
			f := median(all[fmt.Sprint(k.name, k.clients, r.name)])
			fmt.Printf("%-16s %4d  %-10s %10.1f %9.2f %9.2f %7d %9.1f %9.2f\n", k.name, k.clients, r.name, f.perSecond,
				f.p50.Seconds()*1000, f.p99.Seconds()*1000, f.errors, f.peakMB, f.perSecond/base.perSecond)
			if f.first != nil {
				fmt.Println("  first error:", f.first)
			}
		}
	}
}

// median takes each figure's own; errors add up.
func median(all []figures) (m figures) {
	pick := func(get func(figures) float64) float64 {
		v := make([]float64, len(all))
		for i, f := range all {
			v[i] = get(f)
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	if len(all) == 0 {
		return m
	}
	for _, f := range all {
		m.errors += f.errors
		if f.first != nil {
			m.first = f.first
		}
	}
	m.perSecond = pick(func(f figures) float64 { return f.perSecond })
	m.p50 = time.Duration(pick(func(f figures) float64 { return float64(f.p50) }))
	m.p99 = time.Duration(pick(func(f figures) float64 { return float64(f.p99) }))
	m.peakMB = pick(func(f figures) float64 { return f.peakMB })
	return m
}
