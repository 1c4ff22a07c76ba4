using System.Diagnostics;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

public sealed class MarketClockTests
{
    private static readonly UnixNanos Start = new(1_000 * UnixNanos.PerSecond);

    [Fact]
    public void StandsStillUntilItBegins()
    {
        var clock = new MarketClock(Start, 60);
        Assert.False(clock.HasBegun);
        Assert.Equal(Start, clock.Now);
        Assert.Equal(Start, clock.At(Stopwatch.GetTimestamp() + Stopwatch.Frequency));
    }

    [Fact]
    public void RunsAtItsSpeed()
    {
        var clock = MarketClock.StartNew(Start, 60);
        long later = Stopwatch.GetTimestamp() + 10 * Stopwatch.Frequency;
        Assert.InRange(clock.At(later) - Start, 600 * UnixNanos.PerSecond, 601 * UnixNanos.PerSecond);
        Assert.Equal(60 * UnixNanos.PerSecond, clock.At(later + Stopwatch.Frequency) - clock.At(later));
        Assert.Equal(Start, clock.At(0));
        Assert.InRange(clock.TimeUntil(Start + 3_600 * UnixNanos.PerSecond).TotalSeconds, 1, 60);
    }

    [Fact]
    public void BeginsOnce()
    {
        var clock = MarketClock.StartNew(Start, 1);
        UnixNanos probe = clock.At(long.MaxValue / 4);
        clock.Begin();
        Assert.Equal(probe, clock.At(long.MaxValue / 4));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e6)]
    public void ASpeedOutOfRangeIsRefused(double speed) => Assert.Throws<ArgumentException>(() => new MarketClock(Start, speed));
}
