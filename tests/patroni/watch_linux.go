package patroni

import (
	"encoding/json"
	"fmt"
	"net/http"
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
