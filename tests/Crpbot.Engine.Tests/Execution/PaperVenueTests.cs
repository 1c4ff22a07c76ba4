using Crpbot.Codecs.Instruments;
using Crpbot.Execution;
using Crpbot.Execution.Paper;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

public sealed class PaperVenueTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void RandomBooksAndOrdersAreFilledAsTheNaiveVenueFillsThem(int latency)
    {
        int fills = 0;
        int stops = 0;
        int targets = 0;
        int partial = 0;
        for (int seed = 0; seed < 1_500; seed++)
        {
            (List<string> log, List<string> expected) = Run(seed, latency);
            for (int i = 0; i < Math.Min(log.Count, expected.Count); i++)
                Assert.True(log[i] == expected[i], $"seed {seed}, line {i}: '{log[i]}', expected '{expected[i]}'");
            Assert.Equal(expected.Count, log.Count);
            fills += log.Count(l => l.Contains(" at ", StringComparison.Ordinal));
            stops += log.Count(l => l.Contains("Stop triggered", StringComparison.Ordinal));
            targets += log.Count(l => l.Contains("Target triggered", StringComparison.Ordinal));
            partial += log.Count(l => l.Contains("cancelled after", StringComparison.Ordinal) && !l.EndsWith(" 0", StringComparison.Ordinal));
        }

        // The random markets reached every rule often.
        Assert.True(fills > 5_000 && stops > 200 && targets > 200 && partial > 200, $"{fills} fills, {stops} stops, {targets} targets, {partial} partial");
    }

    [Fact]
    public void AnOrderWithoutProofIsNotTaken()
    {
        var venue = new PaperVenue(new InstrumentTable(), RiskPresets.Ftmo2Step, 0);
        Assert.Throws<InvalidOperationException>(() => venue.Submit(default, default));
    }

    private static (List<string> Log, List<string> Expected) Run(int seed, int latency)
    {
        var random = new Random(seed);
        var table = new InstrumentTable();
        Instrument[] instruments = [table.GetOrAdd("coinbase", "BTC-USD"), table.GetOrAdd("coinbase", "ETH-USD")];
        var venue = new PaperVenue(table, RiskPresets.Ftmo2Step, latency);
        var naive = new NaivePaperVenue(latency);
        var log = new List<string>();
        long now = 0;
        long middle = 100;

        for (int step = 0; step < 150; step++)
        {
            Instrument instrument = instruments[random.Next(10) < 8 ? 0 : 1];
            middle = Math.Clamp(middle + random.Next(-2, 3), 60, 140);
            switch (random.Next(14))
            {
                case 0:
                    Snapshot(instrument);
                    break;
                case 1:
                    Send(new MarketEvent { Kind = MarketEventKind.Trade, Instrument = instrument.Id, Flags = MarketEventFlags.LastInMessage });
                    break;
                case 2 when random.Next(4) == 0:
                    Send(new MarketEvent { Kind = random.Next(2) == 0 ? MarketEventKind.Gap : MarketEventKind.Disconnect, Instrument = random.Next(2) == 0 ? instrument.Id : InstrumentId.All, Channel = Channel.Book });
                    break;
                case 3 or 4 or 5:
                    Order(instrument);
                    break;
                case 6 when random.Next(3) == 0:
                    bool openingOnly = random.Next(2) == 0;
                    venue.CancelAll(new UnixNanos(now), openingOnly);
                    naive.CancelAll(new UnixNanos(now), openingOnly);
                    break;
                default:
                    Deltas(instrument);
                    break;
            }

            Drain();
        }

        return (log, naive.Log);

        void Snapshot(Instrument instrument)
        {
            Send(new MarketEvent { Kind = MarketEventKind.BookClear, Instrument = instrument.Id });
            int levels = random.Next(1, 5);
            for (int i = 0; i < 2 * levels; i++)
                Level(instrument, i % 2 == 0 ? Side.Buy : Side.Sell, last: i == 2 * levels - 1);
        }

        void Deltas(Instrument instrument)
        {
            int count = random.Next(1, 4);
            for (int i = 0; i < count; i++)
                Level(instrument, random.Next(2) == 0 ? Side.Buy : Side.Sell, last: i == count - 1);
        }

        void Level(Instrument instrument, Side side, bool last) => Send(new MarketEvent
        {
            Kind = MarketEventKind.BookDelta,
            Instrument = instrument.Id,
            Side = side,
            Price = new Price(middle + (side == Side.Buy ? -1 : 1) * random.Next(-1, 6)),
            Quantity = new Quantity(random.Next(4)),
            Flags = last ? MarketEventFlags.LastInMessage : 0,
        });

        void Order(Instrument instrument)
        {
            long held = naive.Held(instrument.Id);
            Side side = held == 0 ? (random.Next(2) == 0 ? Side.Buy : Side.Sell) : held > 0 ? Side.Sell : Side.Buy;
            int sign = side == Side.Buy ? 1 : -1;
            var request = new OrderRequest
            {
                Time = new UnixNanos(now),
                Instrument = instrument.Id,
                Side = side,
                Purpose = held == 0 ? OrderPurpose.Open : OrderPurpose.HorizonExit,
                Quantity = new Quantity(held == 0 ? random.Next(1, 12) : Math.Abs(held)),
                Stop = new Price(middle - sign * random.Next(3, 9)),
                Target = new Price(middle + sign * random.Next(2, 9)),
            };
            // One position an Instrument is the risk check's rule; here an order on its way does not stop the next, which the venue must survive.
            venue.Submit(new RiskApproved<OrderRequest>(request), new UnixNanos(now));
            naive.Submit(request, new UnixNanos(now));
        }

        void Send(MarketEvent e)
        {
            e.ReceiveTime = new UnixNanos(++now);
            PaperMarket? market = venue.Apply(e);
            if (e.IsLastInMessage && e.Kind is MarketEventKind.Trade or MarketEventKind.BookDelta or MarketEventKind.BookClear && e.IsLastInMessage)
                venue.Match(market, e.ReceiveTime);
            Drain();
            naive.OnEvent(e);
        }

        void Drain()
        {
            foreach (VenueReport report in venue.Reports)
            {
                log.Add(report.Kind switch
                {
                    VenueReportKind.Fill => $"{report.Order.Id} {(report.Fill.Side == Side.Buy ? "bought" : "sold")} {report.Fill.Quantity.Lots} at {report.Fill.Price.Ticks}",
                    VenueReportKind.Triggered => $"{report.Order.Id} {report.Order.Purpose} triggered",
                    _ => $"{report.Order.Id} {(report.Order.State == OrderState.Filled ? "filled" : "cancelled")} after {report.Order.Filled.Lots}",
                });
            }

            venue.ClearReports();
        }
    }
}
