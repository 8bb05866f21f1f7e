package engine

import (
	"fmt"
	"slices"
)

// model is the tensors of one network by name. Its methods build layers and check
// shapes, so that a network is either complete or refused when it is loaded; none of
// the layers checks again while it runs.
type model map[string]tensor

// take returns the tensor, whose shape must be as given; 0 stands for any size.
func (m model) take(name string, shape ...int) (tensor, error) {
	t, ok := m[name]
	if !ok {
		return t, fmt.Errorf("%w: no tensor %q", errManifest, name)
	}
	fits := slices.EqualFunc(t.shape, shape, func(have, want int) bool { return want == 0 || have == want })
	if !fits {
		return t, fmt.Errorf("%w: tensor %q is %v, not %v", errManifest, name, t.shape, shape)
	}
	return t, nil
}

// conv builds an ordinary convolution with k x k filters over in channels.
func (m model) conv(filters, bias string, k, in int) (conv, error) {
	f, err := m.take(filters, k, k, in, 0)
	if err != nil {
		return conv{}, err
	}
	out := f.shape[3]
	b, err := m.take(bias, out)
	return conv{k: k, in: in, out: out, weights: f.data, bias: b.data}, err
}

// scaledConv builds a convolution whose result is then scaled and shifted per
// channel. (xW + b)*s + t is x(Ws) + (bs + t), so the scaling costs nothing later.
func (m model) scaledConv(prefix string, k, in int) (conv, error) {
	c, err := m.conv(prefix+"/conv/filters", prefix+"/conv/bias", k, in)
	if err != nil {
		return c, err
	}
	scale, err := m.take(prefix+"/scale/weights", c.out)
	if err != nil {
		return c, err
	}
	shift, err := m.take(prefix+"/scale/biases", c.out)
	if err != nil {
		return c, err
	}
	weights, bias := slices.Clone(c.weights), slices.Clone(c.bias)
	for i := range weights {
		weights[i] *= scale.data[i%c.out]
	}
	for i := range bias {
		bias[i] = bias[i]*scale.data[i] + shift.data[i]
	}
	c.weights, c.bias = weights, bias
	return c, nil
}

// separable builds a depthwise 3 x 3 convolution followed by a 1 x 1 one.
func (m model) separable(prefix string, in int) (separable, error) {
	d, err := m.take(prefix+"/depthwise_filter", 3, 3, in, 1)
	if err != nil {
		return separable{}, err
	}
	point, err := m.conv(prefix+"/pointwise_filter", prefix+"/bias", 1, in)
	return separable{depthwise: d.data, pointwise: point}, err
}
