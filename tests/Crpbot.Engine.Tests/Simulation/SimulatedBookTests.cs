using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Messages;
using Crpbot.Simulation;
using Xunit;

namespace Crpbot.Engine.Tests.Simulation;

/// <summary>One day of events against a plain replayed book.</summary>
public sealed class SimulatedBookTests
{
    private static readonly SimulationOptions Options = new() { Seed = 3, Difficulty = 0.75 };

    [Fact]
    public void ADaysBookIsWholeUncrossedAndEndsEachMinuteAtTheTruth()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        var books = new Dictionary<InstrumentId, ReplayedBook>();
        var lastTrade = new Dictionary<InstrumentId, long>();
        var minute = new Dictionary<InstrumentId, UnixNanos>();
        var spreads = new Dictionary<InstrumentId, (double Sum, int Count)>();
        UnixNanos end = Options.Start + UnixNanos.PerDay + UnixNanos.PerHour;
        (int snapshots, int checkedEnds, int farCloses, int multiple) = (0, 0, 0, 0);
        while (simulator.NextTime < end)
        {
            message.Clear();
            simulator.NextMessage(message);
            MarketEvent first = message.Events[0];
            if (!books.TryGetValue(first.Instrument, out ReplayedBook? book))
            {
                Assert.Equal(MarketEventKind.BookClear, first.Kind);
                books[first.Instrument] = book = new ReplayedBook();
                minute[first.Instrument] = Options.Start;
                spreads[first.Instrument] = default;
            }

            if (first.ExchangeTime.Floor(UnixNanos.PerMinute) is var now && now != minute[first.Instrument])
            {
                UnixNanos bar = minute[first.Instrument];
                Assert.True(simulator.Truth.TryGetEndMidDoubled(first.Instrument, bar, out long mid));
                Assert.Equal(mid, book.Bid.Ticks + book.Ask.Ticks);
                checkedEnds++;
                double off = Math.Abs(2 * lastTrade[first.Instrument] - mid) / 2.0;
                farCloses += off > 0.75 * (book.Ask.Ticks - book.Bid.Ticks) ? 1 : 0;
                minute[first.Instrument] = now;
            }

            if (first.Kind == MarketEventKind.Trade)
            {
                // Parents walk the book one trade a message; the levels follow. Only the first is at the touch.
                (long bid, long ask) = (book.Bid.Ticks, book.Ask.Ticks);
                Assert.True(first.Side == Side.Buy ? first.Price.Ticks >= ask && book.Asks.ContainsKey(first.Price.Ticks)
                    : first.Price.Ticks <= bid && book.Bids.ContainsKey(first.Price.Ticks));
                Assert.InRange(first.Quantity.Lots, 1, (first.Side == Side.Buy ? book.Asks : book.Bids)[first.Price.Ticks]);
                lastTrade[first.Instrument] = first.Price.Ticks;
                continue;
            }

            snapshots += first.Kind == MarketEventKind.BookClear ? 1 : 0;
            multiple += message.Count > 1 ? 1 : 0;
            foreach (ref readonly MarketEvent e in message.Events)
            {
                book.Apply(e);
                if (book.Bids.Count > 0 && book.Asks.Count > 0)
                    Assert.True(book.Bid.Ticks < book.Ask.Ticks, $"crossed at {first.ExchangeTime}");
            }

            Assert.InRange(book.Bids.Count, 25, 33);
            Assert.InRange(book.Asks.Count, 25, 33);
            long twice = book.Bid.Ticks + book.Ask.Ticks;
            Assert.True(2000 * book.Bids.Keys.Last() < 999 * twice && 2000 * book.Asks.Keys.Last() > 1001 * twice, "the book ends inside 10 bps");
            (double sum, int count) = spreads[first.Instrument];
            spreads[first.Instrument] = (sum + 2e4 * (book.Ask.Ticks - book.Bid.Ticks) / twice, count + 1);
        }

        Assert.Equal(9, snapshots);
        Assert.Equal(3 * (1440 + 59), checkedEnds);
        Assert.InRange(farCloses, 0, checkedEnds / 100);
        Assert.True(multiple > 10_000);
        Assert.All(spreads.Values, spread => Assert.InRange(spread.Sum / spread.Count, 0.1, 1.5));
    }

    [Fact]
    public void ASnapshotOnRequestEqualsTheReplayedBook()
    {
        var simulator = new MarketSimulator(Options, new InstrumentTable());
        var message = new MarketEventBuffer();
        var snapshot = new MarketEventBuffer();
        var replayed = simulator.Instruments.ToDictionary(i => i.Id, _ => new ReplayedBook());
        for (int i = 0; i < 30_000; i++)
        {
            message.Clear();
            simulator.NextMessage(message);
            foreach (ref readonly MarketEvent e in message.Events)
                replayed[e.Instrument].Apply(e);

            // Between a trade and the levels it took, the exchange's book is already ahead.
            if (message.Events[0].Kind == MarketEventKind.Trade || i % 50 != 0)
                continue;
            InstrumentId id = message.Events[0].Instrument;
            snapshot.Clear();
            simulator.SnapshotNow(id, simulator.NextTime, snapshot);
            var fresh = new ReplayedBook();
            foreach (ref readonly MarketEvent e in snapshot.Events)
            {
                Assert.True(e.IsSnapshot);
                fresh.Apply(e);
            }

            Assert.Equal(replayed[id].Bids, fresh.Bids);
            Assert.Equal(replayed[id].Asks, fresh.Asks);
            Assert.True(snapshot.Events[^1].IsLastInMessage);
        }
    }
}
