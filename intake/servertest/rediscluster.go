package servertest

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// RedisCluster is a Redis Cluster of three masters, each with a third of the keys.
type RedisCluster struct{ Nodes []*Redis }

// clusterSlots is how many slots the keys of a cluster are spread over.
const clusterSlots = 16384

// StartRedisCluster runs a cluster for a test.
func StartRedisCluster(tb testing.TB) *RedisCluster {
	tb.Helper()
	c := &RedisCluster{}
	for range 3 {
		bus, err := freePort()
		if err != nil {
			tb.Fatal(err)
		}
		c.Nodes = append(c.Nodes, StartRedis(tb, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000"))
		if err := c.join(bus); err != nil {
			tb.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(tb.Context(), startTime)
	defer cancel()
	if err := c.spread(ctx); err != nil {
		tb.Fatal(err)
	}
	return c
}

// join introduces the newest node, whose bus is at a port, to the first.
func (c *RedisCluster) join(bus string) error {
	newest := c.Nodes[len(c.Nodes)-1]
	if len(c.Nodes) == 1 {
		return nil
	}
	host, port, err := net.SplitHostPort(newest.Addr)
	if err != nil {
		return err
	}
	r := c.Nodes[0].Client()
	defer r.Close()
	return r.Do(context.Background(), "CLUSTER", "MEET", host, port, bus).Err()
}

// spread gives each node its share of the slots and waits until all agree.
func (c *RedisCluster) spread(ctx context.Context) error {
	share := clusterSlots / len(c.Nodes)
	for i, n := range c.Nodes {
		last := (i+1)*share - 1
		if i == len(c.Nodes)-1 {
			last = clusterSlots - 1
		}
		r := n.Client()
		err := r.ClusterAddSlotsRange(ctx, i*share, last).Err()
		r.Close()
		if err != nil {
			return err
		}
	}
	for _, n := range c.Nodes {
		if err := n.agrees(ctx); err != nil {
			return err
		}
	}
	return nil
}

// agrees waits until a node sees a whole cluster.
func (r *Redis) agrees(ctx context.Context) error {
	c := r.Client()
	defer c.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		info, err := c.ClusterInfo(ctx).Result()
		if err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the cluster doesn't come together: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// URL names every node, with the password.
func (c *RedisCluster) URL() string {
	url := "redis://:" + RedisPassword + "@" + c.Nodes[0].Addr
	for i, n := range c.Nodes[1:] {
		url += []string{"?", "&"}[min(i, 1)] + "addr=" + n.Addr
	}
	return url
}
