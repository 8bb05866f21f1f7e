package patroni

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// member is a node as Patroni tells of it.
type member struct {
	Name, Role, State string
	Timeline          int
}

// members are what the first node says that answers.
func (c *Cluster) members() (list []member) {
	client := http.Client{Timeout: time.Second}
	for _, n := range c.Nodes {
		r, err := client.Get(local(n.rest) + "/cluster")
		if err != nil {
			continue
		}
		var answer struct{ Members []member }
		err = json.NewDecoder(r.Body).Decode(&answer)
		_ = r.Body.Close()
		if err == nil && len(answer.Members) > 0 {
			return answer.Members
		}
	}
	return nil
}

// Primary is the node that has the lease, or nil.
func (c *Cluster) Primary() *Node {
	for _, m := range c.members() {
		if m.Role == "leader" && m.State == "running" {
			for _, n := range c.Nodes {
				if n.Name == m.Name {
					return n
				}
			}
		}
	}
	return nil
}

// whole reports whether a primary, a synchronous standby and another one are at work.
func (c *Cluster) whole() bool {
	roles, timelines := map[string]int{}, map[int]bool{}
	for _, m := range c.members() {
		if m.State == "running" || m.State == "streaming" {
			roles[m.Role]++
			timelines[m.Timeline] = true
		}
	}
	return roles["leader"] == 1 && roles["sync_standby"] == 1 && roles["replica"] == 1 && len(timelines) == 1
}

// Whole waits until the cluster is, and says how long that took.
func (c *Cluster) Whole(within time.Duration) time.Duration {
	c.t.Helper()
	began := time.Now()
	for !c.whole() {
		if time.Since(began) > within {
			c.t.Fatalf("the cluster is not whole after %v: %s", within, fmt.Sprint(c.members()))
		}
		time.Sleep(100 * time.Millisecond)
	}
	return time.Since(began)
}

// Failsafe sets the mode in which a primary that cannot reach etcd goes on as long as it
// reaches all other nodes, and waits until each of them knows who they are.
func (c *Cluster) Failsafe(within time.Duration) {
	c.t.Helper()
	client := http.Client{Timeout: time.Second}
	status := func(n *Node, method, path, body string) int {
		req, err := http.NewRequest(method, local(n.rest)+path, strings.NewReader(body))
		if err != nil {
			c.t.Fatal(err)
		}
		r, err := client.Do(req)
		if err != nil {
			return 0
		}
		_ = r.Body.Close()
		return r.StatusCode
	}
	if got := status(c.Nodes[0], http.MethodPatch, "/config", `{"failsafe_mode":true}`); got != http.StatusOK {
		c.t.Fatalf("Patroni answered %d", got)
	}
	began := time.Now()
	for _, n := range c.Nodes {
		for status(n, http.MethodGet, "/failsafe", "") != http.StatusOK {
			if time.Since(began) > within {
				c.t.Fatalf("%s does not know the others after %v", n.Name, within)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}
