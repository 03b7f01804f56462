package main

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/watchbell/watchbell/core"
	"github.com/watchbell/watchbell/core/engine"
)

// metrics serves the engine's counters for Prometheus, read when they are asked for.
func metrics(e *engine.Engine) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s := e.Stats()
	for i := range s.Outcomes {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "watchbell_events_total", Help: "Events by what became of them.",
			ConstLabels: prometheus.Labels{"outcome": core.Outcome(i).String()},
		}, func() float64 { return float64(s.Outcomes[i].Load()) }))
	}
	counter := func(name, help string, v *atomic.Int64, scale float64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(v.Load()) * scale }))
	}
	counter("watchbell_ingest_refused_total", "Requests with events that were answered: try later.", &s.Refused, 1)
	counter("watchbell_ingest_quarantined_total", "Requests with events that could not be stored as they were.", &s.Quarantined, 1)
	counter("watchbell_ingest_requests_total", "Requests with events that were committed.", &s.Requests, 1)
	counter("watchbell_ingest_commits_total", "Transactions that stored events.", &s.Batches, 1)
	counter("watchbell_ingest_commit_seconds_total", "Time spent in them.", &s.BatchNanos, 1e-9)
	counter("watchbell_beats_total", "Calls of heartbeats that were stored.", &s.Beats, 1)
	counter("watchbell_beat_commits_total", "Transactions that stored them.", &s.BeatBatches, 1)
	counter("watchbell_steps_total", "Timers of alerts and heartbeats that ran.", &s.Steps, 1)
	counter("watchbell_sends_total", "Pages and card updates that are done.", &s.Sent, 1)
	counter("watchbell_sends_retried_total", "Pages and card updates that were put off.", &s.Retried, 1)
	counter("watchbell_panics_total", "Panics that were confined to one job.", &s.Panics, 1)
	counter("watchbell_pulse_failed_total", "Failed attempts to record that this replica is alive.", &s.PulseFailed, 1)
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "watchbell_step_lateness_seconds", Help: "How late the last timer ran."},
		func() float64 { return float64(s.StepsLate.Load()) * 1e-6 }))
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "watchbell_build_info", Help: "1; the version is a label.",
		ConstLabels: prometheus.Labels{"version": version()}}, func() float64 { return 1 }))
	return promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
}
