using Crpbot.Execution.Signals;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

public sealed class SignalGeneratorTests
{
    private static readonly UnixNanos Start = new(1_767_000_000L * UnixNanos.PerSecond);

    [Theory]
    [InlineData(0.549, SignalTier.None, Side.Unknown)]
    [InlineData(0.55, SignalTier.Low, Side.Buy)]
    [InlineData(0.649, SignalTier.Low, Side.Buy)]
    [InlineData(0.65, SignalTier.Medium, Side.Buy)]
    [InlineData(0.75, SignalTier.High, Side.Buy)]
    [InlineData(1.0, SignalTier.High, Side.Buy)]
    [InlineData(0.5, SignalTier.None, Side.Unknown)]
    [InlineData(0.44, SignalTier.Low, Side.Sell)]
    [InlineData(0.34, SignalTier.Medium, Side.Sell)]
    [InlineData(0.25, SignalTier.High, Side.Sell)]
    [InlineData(0.0, SignalTier.High, Side.Sell)]
    [InlineData(double.NaN, SignalTier.None, Side.Unknown)]
    [InlineData(1.5, SignalTier.None, Side.Unknown)]
    public void TheTierFollowsTheConfidenceAndShortsAreAsGoodAsLongs(double up, SignalTier tier, Side side)
    {
        bool emitted = new SignalGenerator().OnPrediction(Of(up, Start), new Price(100), 1.5, out Signal signal);
        Assert.Equal(tier != SignalTier.None, emitted);
        Assert.Equal((tier, side), (signal.Tier, signal.Side));
        if (emitted)
        {
            Assert.Equal((new Price(100), 1.5, 15, Start), (signal.Close, signal.Atr, signal.HorizonBars, signal.Time));
            Assert.Equal(Math.Max(up, 1 - up), signal.Confidence.Value);
        }
    }

    [Fact]
    public void LowSignalsAreLoggedAndNeverPassedOn()
    {
        var generator = new SignalGenerator();
        for (int i = 0; i < 100; i++)
        {
            Assert.True(generator.OnPrediction(Of(0.6, Start), default, 0, out Signal signal));
            Assert.Equal(SignalSuppression.LoggedOnly, signal.Suppression);
        }
    }

    [Fact]
    public void WithoutAPredictionThereIsNoSignal()
    {
        Prediction warmingUp = Of(0.9, Start);
        warmingUp.Status = PredictionStatus.Warmup;
        Assert.False(new SignalGenerator().OnPrediction(warmingUp, default, 0, out _));
    }

    [Fact]
    public void FiveHighSignalsPassInAnyRollingHourOfEventTime()
    {
        var generator = new SignalGenerator();
        for (int minute = 0; minute < 5; minute++)
            Assert.Equal(SignalSuppression.None, Next(generator, 0.8, minute * UnixNanos.PerMinute));
        Assert.Equal(SignalSuppression.InstrumentLimit, Next(generator, 0.8, 5 * UnixNanos.PerMinute));
        Assert.Equal(SignalSuppression.InstrumentLimit, Next(generator, 0.2, UnixNanos.PerHour - 1));
        // Exactly an hour after the first, the first has left the window; the suppressed ones never entered it.
        Assert.Equal(SignalSuppression.None, Next(generator, 0.2, UnixNanos.PerHour));
        Assert.Equal(SignalSuppression.InstrumentLimit, Next(generator, 0.8, UnixNanos.PerHour));
    }

    [Fact]
    public void TiersHaveLimitsOfTheirOwn()
    {
        var generator = new SignalGenerator();
        for (int i = 0; i < 10; i++)
            Assert.Equal(SignalSuppression.None, Next(generator, 0.7, i));
        Assert.Equal(SignalSuppression.InstrumentLimit, Next(generator, 0.3, 10));
        Assert.Equal(SignalSuppression.None, Next(generator, 0.8, 10));
    }

    [Fact]
    public void AllInstrumentsTogetherHaveTheSameLimit()
    {
        var generator = new SignalGenerator();
        for (int i = 0; i < 5; i++)
            Assert.Equal(SignalSuppression.None, Next(generator, 0.8, i, instrument: 1 + i % 3));
        Assert.Equal(SignalSuppression.TotalLimit, Next(generator, 0.8, 5, instrument: 3));
        // A signal that the total suppressed does not count against its own Instrument.
        var wide = new SignalGenerator(new SignalOptions { HighInTotal = 6 });
        for (int i = 0; i < 5; i++)
            Next(wide, 0.8, i, instrument: 1);
        Assert.Equal(SignalSuppression.InstrumentLimit, Next(wide, 0.8, 5, instrument: 1));
        Assert.Equal(SignalSuppression.None, Next(wide, 0.8, 5, instrument: 2));
        Assert.Equal(SignalSuppression.TotalLimit, Next(wide, 0.8, 5, instrument: 2));
    }

    [Fact]
    public void LimitsAgreeWithAPlainCountOverRandomSignals()
    {
        var random = new Random(7);
        var generator = new SignalGenerator();
        var passed = new List<(long Time, SignalTier Tier, int Instrument)>();
        long time = 0;
        for (int i = 0; i < 20_000; i++)
        {
            time += random.NextInt64(10 * UnixNanos.PerMinute);
            int instrument = random.Next(1, 4);
            double up = random.NextDouble();
            bool emitted = generator.OnPrediction(Of(up, Start + time, instrument), default, 1, out Signal signal);
            SignalTier tier = Math.Max(up, 1 - up) switch { >= 0.75 => SignalTier.High, >= 0.65 => SignalTier.Medium, >= 0.55 => SignalTier.Low, _ => SignalTier.None };
            Assert.Equal(tier, signal.Tier);
            if (!emitted || tier == SignalTier.Low)
                continue;
            int limit = tier == SignalTier.High ? 5 : 10;
            var inWindow = passed.Where(p => p.Tier == tier && time - p.Time < UnixNanos.PerHour).ToList();
            SignalSuppression expected = inWindow.Count(p => p.Instrument == instrument) >= limit ? SignalSuppression.InstrumentLimit
                : inWindow.Count >= limit ? SignalSuppression.TotalLimit : SignalSuppression.None;
            Assert.Equal(expected, signal.Suppression);
            if (expected == SignalSuppression.None)
                passed.Add((time, tier, instrument));
            passed.RemoveAll(p => time - p.Time >= UnixNanos.PerHour);
        }
    }

    [Fact]
    public void NothingIsAllocatedOnceTheInstrumentsAreKnown()
    {
        var generator = new SignalGenerator();
        for (int i = 0; i < 100; i++)
            Next(generator, 0.8, i, 1 + i % 3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 100; i < 1_000_000; i++)
            Next(generator, i % 100 / 100.0, i * UnixNanos.PerSecond, 1 + i % 3);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void AThresholdThatWouldSilenceShortsIsRefused() =>
        Assert.Throws<ArgumentException>(() => new SignalGenerator(new SignalOptions { LowConfidence = 0.4 }));

    private static SignalSuppression Next(SignalGenerator generator, double up, long nanos, int instrument = 1)
    {
        generator.OnPrediction(Of(up, Start + nanos, instrument), default, 1, out Signal signal);
        return signal.Suppression;
    }

    private static Prediction Of(double up, UnixNanos time, int instrument = 1) => new()
    {
        ProbabilityUp = new ProbabilityUp(up),
        Time = time,
        Instrument = new InstrumentId(instrument),
        HorizonBars = 15,
        Status = PredictionStatus.Ok,
    };
}
