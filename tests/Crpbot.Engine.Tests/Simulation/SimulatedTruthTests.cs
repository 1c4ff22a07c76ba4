using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Crpbot.Simulation.Numerics;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

/// <summary>The promised accuracy against what really happened.</summary>
public sealed class SimulatedTruthTests
{
    [Theory]
    [InlineData(0.55, 5)]
    [InlineData(0.65, 5)]
    [InlineData(0.75, 5)]
    [InlineData(0.65, 15)]
    [InlineData(0.65, 1)]
    public void SixtyDaysComeTrueAsOftenAsPromised(double difficulty, int horizon)
    {
        var options = new SimulationOptions { Seed = 5, Difficulty = difficulty, HorizonBars = horizon };
        var table = new InstrumentTable();
        UnixNanos end = options.Start + 60 * UnixNanos.PerDay;
        SimulatedTruth truth = SimulatedTruth.Generate(options, table, end);
        Assert.Equal(difficulty, truth.ExpectedAccuracy, 12);
        (int right, int count, int ties) = (0, 0, 0);
        double promised = 0;
        foreach ((double p, int outcome) in Outcomes(truth, table, options, 60))
        {
            if (outcome == 0)
            {
                ties++;
                continue;
            }

            count++;
            promised += Math.Max(p, 1 - p);
            right += p > 0.5 == outcome > 0 ? 1 : 0;
        }

        // Labels of h Bars overlap, so at most every h-th is new.
        double deviation = 0.5 / Math.Sqrt((double)count / (horizon + 1));
        Assert.InRange((double)right / count, difficulty - 4 * deviation, difficulty + 4 * deviation);
        Assert.InRange(promised / count, difficulty - 3 * deviation, difficulty + 3 * deviation);
        Assert.Equal(truth.BayesAccuracy(options.Start, end), promised / count, 2);
        if (horizon >= 5)
            Assert.InRange((double)ties / (count + ties), 0, 0.005);
    }

    [Fact]
    public void ProbabilitiesAreCalibratedInEveryDecile()
    {
        var options = new SimulationOptions { Seed = 6, Difficulty = 0.75 };
        var table = new InstrumentTable();
        SimulatedTruth truth = SimulatedTruth.Generate(options, table, options.Start + 120 * UnixNanos.PerDay);
        (double Sum, int Up, int Count)[] deciles = new (double, int, int)[10];
        foreach ((double p, int outcome) in Outcomes(truth, table, options, 120).Where(o => o.Outcome != 0))
        {
            ref (double Sum, int Up, int Count) decile = ref deciles[Math.Min(9, (int)(10 * p))];
            decile = (decile.Sum + p, decile.Up + (outcome > 0 ? 1 : 0), decile.Count + 1);
        }

        Assert.All(deciles, d => Assert.InRange(Math.Abs(d.Sum / d.Count - (double)d.Up / d.Count), 0, 0.02));
    }

    [Fact]
    public void ARandomWalkPromisesNothing()
    {
        var options = new SimulationOptions { Difficulty = 0.5 };
        var table = new InstrumentTable();
        SimulatedTruth truth = SimulatedTruth.Generate(options, table, options.Start + 30 * UnixNanos.PerDay);
        Assert.Equal(0.5, truth.BayesAccuracy(options.Start, options.Start + 30 * UnixNanos.PerDay), 14);
        int[] outcomes = [.. Outcomes(truth, table, options, 30).Select(o => o.Outcome).Where(o => o != 0)];
        Assert.InRange(outcomes.Count(o => o > 0) / (double)outcomes.Length, 0.48, 0.52);
    }

    [Fact]
    public void TheFastPathWalksThroughTheMinutesOfTheEventStream()
    {
        var options = new SimulationOptions { Seed = 8 };
        var table = new InstrumentTable();
        var simulator = new MarketSimulator(options, table);
        UnixNanos end = options.Start + 3 * UnixNanos.PerHour;
        simulator.AdvanceTo(end);
        SimulatedTruth fast = SimulatedTruth.Generate(options, table, end);
        foreach (Instrument instrument in simulator.Instruments)
        {
            Assert.Equal(180, simulator.Truth.ClosedBars(instrument.Id));
            for (UnixNanos bar = options.Start; bar < end; bar += UnixNanos.PerMinute)
            {
                Assert.True(simulator.Truth.TryGetProbabilityUp(instrument.Id, bar, out double p));
                Assert.True(fast.TryGetProbabilityUp(instrument.Id, bar, out double again));
                Assert.Equal(p, again);
            }
        }
    }

    [Fact]
    public void WhatIsNotClosedHasNoTruth()
    {
        var table = new InstrumentTable();
        var simulator = new MarketSimulator(new SimulationOptions(), table);
        UnixNanos start = simulator.Options.Start;
        simulator.AdvanceTo(start + UnixNanos.PerHour);
        InstrumentId id = simulator.Instruments[0].Id;
        Assert.True(simulator.Truth.TryGetProbabilityUp(id, start + 59 * UnixNanos.PerMinute, out _));
        Assert.False(simulator.Truth.TryGetProbabilityUp(id, start + 60 * UnixNanos.PerMinute, out double open));
        Assert.True(double.IsNaN(open));
        Assert.False(simulator.Truth.TryGetProbabilityUp(id, start - UnixNanos.PerMinute, out _));
        Assert.False(simulator.Truth.TryGetProbabilityUp(id, start + 1, out _));
        Assert.False(simulator.Truth.TryGetProbabilityUp(new InstrumentId(99), start, out _));
        Assert.True(double.IsNaN(simulator.Truth.BayesAccuracy(start + UnixNanos.PerDay, start + 2 * UnixNanos.PerDay)));
    }

    /// <summary>The book alone tells nearly everything: a line through the minute's mean imbalance of the touch.</summary>
    [Fact]
    public void LogisticRegressionOnTheBooksImbalanceComesWithinThreePercentOfBayes()
    {
        const int Days = 6;
        var options = new SimulationOptions { Seed = 9, Difficulty = 0.65 };
        var table = new InstrumentTable();
        List<(double Imbalance, double P, int Outcome)> samples = Samples(options, table, Days);
        int half = samples.Count / 2;
        (double slope, double intercept) = Fit(samples[..half]);
        List<(double Imbalance, double P, int Outcome)> unseen = samples[(half + options.HorizonBars * 3)..];
        double reached = unseen.Average(s => slope * s.Imbalance + intercept > 0 == s.Outcome > 0 ? 1.0 : 0);
        double best = unseen.Average(s => s.P > 0.5 == s.Outcome > 0 ? 1.0 : 0);
        double promised = unseen.Average(s => Math.Max(s.P, 1 - s.P));
        Assert.True(reached >= 0.97 * promised, $"reached {reached:0.0000}, optimal decisions {best:0.0000}, promised {promised:0.0000}, n {unseen.Count}");
        Assert.InRange(unseen.Average(s => Math.Abs(1 / (1 + Math.Exp(-slope * s.Imbalance - intercept)) - s.P)), 0, 0.04);

        // Labels of other minutes: a coin.
        var random = new Random(1);
        int[] shuffled = [.. unseen.Select(s => s.Outcome)];
        random.Shuffle(shuffled);
        double coin = unseen.Select((s, i) => s.P > 0.5 == shuffled[i] > 0 ? 1.0 : 0).Average();
        Assert.InRange(coin, 0.47, 0.53);
    }

    private static IEnumerable<(double P, int Outcome)> Outcomes(SimulatedTruth truth, InstrumentTable table, SimulationOptions options, int days)
    {
        foreach (SimulatedInstrument simulated in options.Instruments)
        {
            InstrumentId id = table.GetOrAdd("coinbase", simulated.Symbol).Id;
            for (int k = 0; k < days * 1440 - options.HorizonBars; k++)
            {
                UnixNanos bar = options.Start + k * UnixNanos.PerMinute;
                Assert.True(truth.TryGetProbabilityUp(id, bar, out double p));
                Assert.True(truth.TryGetEndMidDoubled(id, bar, out long now));
                Assert.True(truth.TryGetEndMidDoubled(id, bar + options.HorizonBars * UnixNanos.PerMinute, out long later));
                yield return (p, later.CompareTo(now));
            }
        }
    }

    private static List<(double Imbalance, double P, int Outcome)> Samples(SimulationOptions options, InstrumentTable table, int days)
    {
        var simulator = new MarketSimulator(options, table);
        var message = new MarketEventBuffer();
        var books = simulator.Instruments.ToDictionary(i => i.Id, _ => new ReplayedBook());
        var means = simulator.Instruments.ToDictionary(i => i.Id, _ => new List<double>());
        var flow = simulator.Instruments.ToDictionary(i => i.Id, _ => (Sum: 0.0, From: options.Start));
        UnixNanos end = options.Start + days * UnixNanos.PerDay;
        while (simulator.NextTime < end)
        {
            message.Clear();
            simulator.NextMessage(message);
            MarketEvent first = message.Events[0];
            if (first.Channel != Channel.Book)
                continue;
            ReplayedBook book = books[first.Instrument];
            (double sum, UnixNanos from) = flow[first.Instrument];
            UnixNanos minuteEnd = from.Floor(UnixNanos.PerMinute) + UnixNanos.PerMinute;
            if (book.Bids.Count > 0)
            {
                UnixNanos until = first.ExchangeTime < minuteEnd ? first.ExchangeTime : minuteEnd;
                sum += book.Imbalance * (until - from);
                if (until == minuteEnd)
                {
                    means[first.Instrument].Add(sum / UnixNanos.PerMinute);
                    sum = book.Imbalance * (first.ExchangeTime - minuteEnd);
                }
            }

            flow[first.Instrument] = (sum, first.ExchangeTime);
            foreach (ref readonly MarketEvent e in message.Events)
                book.Apply(e);
        }

        var samples = new List<(double, double, int)>();
        for (int k = 0; k < days * 1440 - options.HorizonBars - 2; k++)
        {
            foreach (Instrument instrument in simulator.Instruments)
            {
                UnixNanos bar = options.Start + k * UnixNanos.PerMinute;
                simulator.Truth.TryGetProbabilityUp(instrument.Id, bar, out double p);
                simulator.Truth.TryGetEndMidDoubled(instrument.Id, bar, out long now);
                if (simulator.Truth.TryGetEndMidDoubled(instrument.Id, bar + options.HorizonBars * UnixNanos.PerMinute, out long later) && later != now)
                    samples.Add((means[instrument.Id][k], p, later.CompareTo(now)));
            }
        }

        return samples;
    }

    private static (double Slope, double Intercept) Fit(List<(double Imbalance, double P, int Outcome)> samples)
    {
        (double slope, double intercept) = (0, 0);
        for (int step = 0; step < 12; step++)
        {
            (double gs, double gi, double ss, double si, double ii) = (0, 0, 0, 0, 0);
            foreach ((double x, _, int outcome) in samples)
            {
                double p = 1 / (1 + Math.Exp(-slope * x - intercept));
                double error = (outcome > 0 ? 1 : 0) - p;
                double weight = p * (1 - p);
                gs += error * x;
                gi += error;
                ss += weight * x * x;
                si += weight * x;
                ii += weight;
            }

            double determinant = ss * ii - si * si;
            slope += (ii * gs - si * gi) / determinant;
            intercept += (ss * gi - si * gs) / determinant;
        }

        return (slope, intercept);
    }
}
