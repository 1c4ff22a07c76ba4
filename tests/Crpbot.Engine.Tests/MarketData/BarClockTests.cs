using Crpbot.MarketData;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.MarketData;

public class BarClockTests
{
    private const long Minute = UnixNanos.PerMinute;
    private const long Second = UnixNanos.PerSecond;
    private const long Guard = 250 * UnixNanos.PerMillisecond;
    private const long Start = 28_000_000 * Minute;

    private readonly BarClock _clock = new();

    [Fact]
    public void BeforeTheFirstEventNothingIsDue()
    {
        Assert.Empty(Take(Start + 10 * Minute));
        Assert.Equal(long.MaxValue, _clock.NextBoundary.Value);
    }

    [Fact]
    public void TheFirstBarIsTheFirstFullMinute()
    {
        Publish(Start + 1);
        Assert.Equal(Start + 2 * Minute + Guard, _clock.NextBoundary.Value);
    }

    [Fact]
    public void AnEventAtTheFullMinuteBeginsTheFirstBar()
    {
        Publish(Start);
        Assert.Equal(Start + Minute + Guard, _clock.NextBoundary.Value);
    }

    [Fact]
    public void TheFirstMinuteMustBeFullByTheVenuesClockToo()
    {
        Publish(Start - 500_000_000, Start + 800_000_000);
        Assert.Equal(Start + 2 * Minute + Guard, _clock.NextBoundary.Value);
    }

    [Theory]
    [InlineData(-3600 * Second)]
    [InlineData(3600 * Second)]
    public void AnAbsurdFirstExchangeTimeIsLeftOut(long lead)
    {
        Publish(Start + 1, Start + 1 + lead);
        Assert.Equal(Start + 2 * Minute + Guard, _clock.NextBoundary.Value);
    }

    [Fact]
    public void ATimerCarriesTheBoundaryAndTheEndOfItsMinute()
    {
        Publish(Start);
        Assert.Empty(Take(Start + Minute + Guard - 1));
        MarketEvent timer = Assert.Single(Take(Start + Minute + Guard));
        Assert.Equal(MarketEventKind.Timer, timer.Kind);
        Assert.Equal(Start + Minute + Guard, timer.ReceiveTime.Value);
        Assert.Equal(Start + Minute, timer.ExchangeTime.Value);
        Assert.Equal(InstrumentId.All, timer.Instrument);
        Assert.Equal(MarketEventFlags.LastInMessage, timer.Flags);
        Assert.Empty(Take(Start + Minute + Guard));
    }

    [Fact]
    public void AfterLongSilenceThereIsOneTimerABoundary()
    {
        Publish(Start);
        List<MarketEvent> timers = Take(Start + 100 * Minute);
        Assert.Equal(99, timers.Count);
        Assert.Equal(Enumerable.Range(1, 99).Select(k => Start + k * Minute + Guard), timers.Select(t => t.ReceiveTime.Value));
        Assert.Equal(99, _clock.Timers);
    }

    [Fact]
    public void ALocalClockAheadOfTheVenueMovesTheNextBoundary()
    {
        Publish(Start, Start - 700_000_000);
        Publish(Start + 30 * Second, Start + 30 * Second - 400_000_000);
        Assert.Equal(Start + Minute + Guard, _clock.NextBoundary.Value);
        Take(Start + Minute + Guard);
        Assert.Equal(400_000_000, _clock.OffsetNanos);
        Assert.Equal(Start + 2 * Minute + Guard + 400_000_000, _clock.NextBoundary.Value);
        Assert.False(_clock.IsOffsetSuspicious);
    }

    [Fact]
    public void ALocalClockBehindTheVenueLeavesTheBoundaryAndWarns()
    {
        Publish(Start + 1, Start + 1 + 1_270_000_000);
        Take(Start + 2 * Minute + Guard);
        Assert.Equal(-1_270_000_000, _clock.OffsetNanos);
        Assert.Equal(Start + 3 * Minute + Guard, _clock.NextBoundary.Value);
        Assert.True(_clock.IsOffsetSuspicious);
    }

    [Fact]
    public void TheOffsetIsReadOnlyWhenABarCloses()
    {
        Publish(Start, Start - 900_000_000);
        Take(Start + Minute + Guard);
        Publish(Start + Minute + 10 * Second, Start + Minute + 10 * Second - 100_000_000);
        Assert.Equal(900_000_000, _clock.OffsetNanos);
        Take(Start + 2 * Minute + Guard + 900_000_000);
        Assert.Equal(100_000_000, _clock.OffsetNanos);
    }

    [Fact]
    public void EventsWithoutExchangeTimeAndOurOwnDoNotCount()
    {
        _clock.Observe(new MarketEvent { Kind = MarketEventKind.Trade, ReceiveTime = new(Start), ExchangeTime = new(Start), Flags = MarketEventFlags.NoExchangeTime });
        Publish(Start + Second, Start + Second - 300_000_000);
        foreach (MarketEventKind kind in (MarketEventKind[])[MarketEventKind.Gap, MarketEventKind.Disconnect, MarketEventKind.Timer, MarketEventKind.Operator])
            _clock.Observe(new MarketEvent { Kind = kind, ReceiveTime = new(Start + 2 * Second), ExchangeTime = new(Start + 5 * Second) });
        Take(Start + Minute + Guard);
        Assert.Equal(300_000_000, _clock.OffsetNanos);
    }

    [Fact]
    public void ReceiveTimeThatGoesBackwardsIsClampedAndCounted()
    {
        Assert.Equal(100, _clock.Clamp(new(100), out bool clamped).Value);
        Assert.False(clamped);
        Assert.Equal(100, _clock.Clamp(new(99), out clamped).Value);
        Assert.True(clamped);
        Assert.Equal(100, _clock.Clamp(new(100), out clamped).Value);
        Assert.False(clamped);
        Assert.Equal(1, _clock.ClampedTimes);
    }

    [Fact]
    public void NothingIsStampedBeforeATimerAlreadyGiven()
    {
        Publish(Start);
        Take(Start + 2 * Minute);
        Assert.Equal(Start + Minute + Guard, _clock.Clamp(new(Start + Minute), out bool clamped).Value);
        Assert.True(clamped);
    }

    [Theory]
    [InlineData(long.MaxValue, long.MinValue)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(0, 0)]
    public void TimesAtTheEndsOfTheRangeDoNoHarm(long receive, long exchange)
    {
        Publish(Start + 1);
        _clock.Observe(new MarketEvent { Kind = MarketEventKind.Trade, ReceiveTime = new(receive), ExchangeTime = new(exchange) });
        long previous = long.MinValue;
        for (int i = 0; i < 3 && _clock.TryTakeTimer(new(long.MaxValue), out MarketEvent timer); i++)
        {
            Assert.True(timer.ReceiveTime.Value >= previous);
            previous = timer.ReceiveTime.Value;
        }

        new BarClock().Observe(new MarketEvent { Kind = MarketEventKind.Trade, ReceiveTime = new(receive), ExchangeTime = new(exchange) });
    }

    [Theory]
    [InlineData(1, 50_000_000)]
    [InlineData(2, 2_000_000_000)]
    [InlineData(3, 90_000_000_000)]
    public void RandomStreamsGiveTheTimersOfThePlainClock(int seed, long offsetSpread)
    {
        var random = new Random(seed);
        var plain = new PlainBarClock();
        long now = Start + random.Next();
        for (int i = 0; i < 20_000; i++)
        {
            now += random.Next(1000) == 0 ? random.NextInt64(20 * Minute) : random.NextInt64(Second);
            var e = new MarketEvent
            {
                Kind = random.Next(10) == 0 ? MarketEventKind.Gap : MarketEventKind.Trade,
                ReceiveTime = new(now),
                ExchangeTime = new(now - random.NextInt64(-offsetSpread / 4, offsetSpread)),
                Flags = random.Next(10) == 0 ? MarketEventFlags.NoExchangeTime : MarketEventFlags.None,
            };
            Assert.Equal(plain.Timers(now), Take(now).Select(t => (t.ReceiveTime.Value, t.ExchangeTime.Value)));
            _clock.Observe(e);
            plain.Observe(e);
        }

        Assert.True(_clock.Timers > 150);
    }

    [Fact]
    public void TheClockAllocatesNothing()
    {
        Run(10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(500_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int events)
        {
            for (int i = 0; i < events; i++)
            {
                long now = Start + i * 10_000_000L;
                while (_clock.TryTakeTimer(new(now), out _))
                {
                }

                _clock.Observe(new MarketEvent { Kind = MarketEventKind.Trade, ReceiveTime = new(now), ExchangeTime = new(now - i % 977) });
            }
        }
    }

    private void Publish(long receive, long? exchange = null)
    {
        Take(receive);
        _clock.Observe(new MarketEvent { Kind = MarketEventKind.Trade, ReceiveTime = new(receive), ExchangeTime = new(exchange ?? receive) });
    }

    private List<MarketEvent> Take(long receiveTime)
    {
        List<MarketEvent> timers = [];
        while (_clock.TryTakeTimer(new(receiveTime), out MarketEvent timer))
            timers.Add(timer);
        return timers;
    }

    /// <summary>The contract's words, one by one, over a list of everything seen.</summary>
    private sealed class PlainBarClock
    {
        private readonly List<(long Second, long Offset)> _seen = [];
        private long? _minute;
        private long _boundary;
        private long _offset;

        public List<(long, long)> Timers(long now)
        {
            List<(long, long)> timers = [];
            while (_minute is { } minute && _boundary <= now)
            {
                timers.Add((_boundary, minute + Minute));
                long second = _boundary / Second;
                List<long> recent = [.. _seen.Where(s => s.Second > second - 600).Select(s => s.Offset)];
                _offset = recent.Count > 0 ? recent.Min() : _offset;
                _minute = minute + Minute;
                _boundary = Math.Max(_boundary, _minute.Value + Minute + Guard + Math.Max(0, _offset));
            }

            return timers;
        }

        public void Observe(MarketEvent e)
        {
            if (_minute is null)
            {
                long first = e.ReceiveTime.Value;
                if (!e.Flags.HasFlag(MarketEventFlags.NoExchangeTime) && e.ExchangeTime.Value - first is > 0 and <= Minute)
                    first = e.ExchangeTime.Value;
                _minute = (first + Minute - 1) / Minute * Minute;
                _boundary = _minute.Value + Minute + Guard;
            }

            if (e.Kind == MarketEventKind.Trade && !e.Flags.HasFlag(MarketEventFlags.NoExchangeTime))
                _seen.Add((e.ReceiveTime.Value / Second, e.ReceiveTime.Value - e.ExchangeTime.Value));
        }
    }
}
