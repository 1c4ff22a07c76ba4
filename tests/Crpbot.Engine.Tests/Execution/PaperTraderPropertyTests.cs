using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Engine.Tests.Risk;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

/// <summary>What must hold of any market: symmetry, costs, repeatability, no allocation.</summary>
public sealed class PaperTraderPropertyTests
{
    private const decimal Mirror = 200_000.01m;

    [Fact]
    public void InTheMirroredMarketTheMirroredTradesEarnTheSame()
    {
        // Without commission, which is a fraction of the price, and with stops set by the range, nothing may depend on up or down.
        RiskLimits free = Desk.Roomy with { CommissionPerSide = 0m, MaxPriceDeviation = 0.5m, RiskPerTrade = 0.001m };
        var options = new ExecutionOptions { MinStopFraction = 0.00001 };
        var up = new PaperDesk(free, options);
        var down = new PaperDesk(free, options);
        var random = new Random(5);
        decimal bid = 100_000m;
        for (int i = 0; i < 5_000; i++)
        {
            bid += random.Next(-8_000, 8_001) / 100m;
            up.Now = down.Now = up.Now + 20 * UnixNanos.PerSecond;
            up.Touch(up.Btc, bid);
            down.Touch(down.Btc, Mirror - bid - 0.01m);
            if (random.Next(10) == 0)
            {
                Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
                double atr = 40 + random.Next(200);
                up.Signal(up.Btc, side, bid, atr, horizon: 1);
                down.Signal(down.Btc, side == Side.Buy ? Side.Sell : Side.Buy, Mirror - bid, atr, horizon: 1);
            }

            Assert.Equal(up.Equity, down.Equity);
            Assert.Equal(up.Trader.Portfolio[up.Btc.Id].Lots, -down.Trader.Portfolio[down.Btc.Id].Lots);
        }

        Assert.Equal(up.Records.Count, down.Records.Count);
        Assert.True(up.Count(ExecutionRecordKind.PositionClosed) > 100);
        Assert.Contains(up.Records, r => r is { Kind: ExecutionRecordKind.Fill, Side: Side.Sell, Purpose: OrderPurpose.Open });
    }

    [Fact]
    public void InAMarketThatStandsStillACoinFlipperLosesExactlyTheCosts()
    {
        var desk = new PaperDesk(RiskPresets.Ftmo2Step with { DailyCostBudget = 0.03m });
        var random = new Random(11);
        for (int i = 0; i < 40; i++)
        {
            desk.Touch(desk.Btc, 100_000m);
            desk.Signal(desk.Btc, random.Next(2) == 0 ? Side.Buy : Side.Sell, 100_000m, horizon: 1);
            desk.Trade(desk.Btc, 100_000m);
            desk.Now += UnixNanos.PerMinute;
            desk.Timer();
            desk.Trade(desk.Btc, 100_000m);
            desk.Now += 10 * UnixNanos.PerMinute;
        }

        var fills = desk.Records.Where(r => r.Kind == ExecutionRecordKind.Fill).ToList();
        decimal spread = fills.Where(f => f.Purpose != OrderPurpose.Open).Sum(f => f.Quantity.Lots) * 0.00000001m * 0.01m;
        decimal commission = fills.Sum(f => Math.Round(f.Price.Ticks * 0.01m * f.Quantity.Lots * 0.00000001m * 0.000325m, 18));
        Assert.True(fills.Count >= 20);
        Assert.Equal(0, desk.Trader.Portfolio.OpenPositions);
        Assert.Equal(100_000m - spread - commission, desk.Equity.ToDecimal());
        Assert.Equal(desk.Equity.ToDecimal(), 100_000m + desk.Records.Where(r => r.Kind == ExecutionRecordKind.PositionClosed).Sum(r => (r.Amount1 - r.Amount2).ToDecimal()));
    }

    [Fact]
    public void TheSameEventsGiveTheSameRecordsByteForByteAlsoAfterAReset()
    {
        (MarketEvent[] events, Signal[] signals, InstrumentTable table) = Market(40_000, seed: 3);
        var trader = new PaperTrader(table, Desk.Roomy, new ExecutionOptions { OrderLatencyNanos = 20 * UnixNanos.PerMillisecond });
        byte[] first = Play(trader, events, signals);
        trader.Reset();
        byte[] second = Play(trader, events, signals);
        Assert.True(first.Length > 100 * ExecutionRecord.SizeInBytes);
        Assert.True(first.AsSpan().SequenceEqual(second));
    }

    [Fact]
    public void TradingAllocatesNothingAfterTheFirstPass()
    {
        (MarketEvent[] events, Signal[] signals, InstrumentTable table) = Market(60_000, seed: 4);
        var trader = new PaperTrader(table, Desk.Roomy);
        var output = new ExecutionBuffer();
        int fills = Pass();
        trader.Reset();
        long before = GC.GetAllocatedBytesForCurrentThread();
        int again = Pass();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(fills, again);
        Assert.True(fills > 50, $"{fills} fills");

        int Pass()
        {
            int count = 0;
            for (int i = 0; i < events.Length; i++)
            {
                trader.OnEvent(events[i], output);
                if (signals[i].Side != Side.Unknown)
                    trader.OnSignal(signals[i], output);
                foreach (ref readonly ExecutionRecord record in output.Records)
                    count += record.Kind == ExecutionRecordKind.Fill ? 1 : 0;
                output.Clear();
            }

            return count;
        }
    }

    [Fact]
    public void EveryFillAndCommissionAddsUpToTheEquityOverDaysOfTrading()
    {
        (MarketEvent[] events, Signal[] signals, InstrumentTable table) = Market(60_000, seed: 9);
        var trader = new PaperTrader(table, Desk.Roomy);
        var output = new ExecutionBuffer();
        Notional cash = Notional.FromWhole(100_000);
        int fills = 0;
        for (int i = 0; i < events.Length; i++)
        {
            trader.OnEvent(events[i], output);
            if (signals[i].Side != Side.Unknown)
                trader.OnSignal(signals[i], output);
            foreach (ref readonly ExecutionRecord r in output.Records)
            {
                if (r.Kind != ExecutionRecordKind.Fill)
                    continue;
                cash += (r.Side == Side.Buy ? -r.Amount1 : r.Amount1) - r.Amount2;
                fills++;
            }

            output.Clear();
            Assert.Equal(cash, trader.Portfolio.Cash);
            Assert.Equal(cash + trader.Portfolio.MarketValue, trader.Portfolio.Equity);
            if (trader.Portfolio.OpenPositions == 0)
                Assert.Equal(cash, trader.Portfolio.Balance);
            if (!trader.Portfolio.Opening.IsZero)
                Assert.Equal(trader.Portfolio.Balance, trader.Risk.State.Balance);
        }

        Assert.True(fills > 50);
    }

    private static byte[] Play(PaperTrader trader, MarketEvent[] events, Signal[] signals)
    {
        var output = new ExecutionBuffer();
        var bytes = new List<byte>();
        for (int i = 0; i < events.Length; i++)
        {
            trader.OnEvent(events[i], output);
            if (signals[i].Side != Side.Unknown)
                trader.OnSignal(signals[i], output);
            bytes.AddRange(MemoryMarshal.AsBytes(output.Records));
            output.Clear();
        }

        return [.. bytes];
    }

    /// <summary>Two random walks over a few days, with Timers, gaps and signals of both sides after some of the events.</summary>
    private static (MarketEvent[] Events, Signal[] Signals, InstrumentTable Table) Market(int count, int seed)
    {
        var table = new InstrumentTable();
        Instrument[] instruments = [table.GetOrAdd("coinbase", "BTC-USD"), table.GetOrAdd("coinbase", "ETH-USD")];
        var random = new Random(seed);
        var events = new MarketEvent[count];
        var signals = new Signal[count];
        long[] bids = [10_000_000, 400_000];
        long now = Desk.MondayNoon.Value;
        int filling = 0;
        int which = 0;
        for (int i = 0; i < count; i++)
        {
            ref MarketEvent e = ref events[i];
            if (filling == 0)
            {
                now += random.NextInt64(8 * UnixNanos.PerSecond);
                which = random.Next(2);
                bids[which] += random.NextInt64(-bids[which] / 2_000, bids[which] / 2_000 + 1);
                if (random.Next(50) == 0)
                {
                    e = new MarketEvent { Kind = random.Next(20) == 0 ? MarketEventKind.Gap : MarketEventKind.Timer, Channel = Channel.Book, Instrument = InstrumentId.All };
                }
                else
                {
                    e = new MarketEvent { Kind = MarketEventKind.BookClear };
                    filling = 4;
                }
            }
            else
            {
                int level = 4 - filling;
                bool buy = level % 2 == 0;
                filling--;
                e = new MarketEvent
                {
                    Kind = MarketEventKind.BookDelta,
                    Side = buy ? Side.Buy : Side.Sell,
                    Price = new Price(buy ? bids[which] - level * 10 : bids[which] + 1 + level * 10),
                    Quantity = new Quantity(random.NextInt64(1, 300_000_000)),
                    Flags = MarketEventFlags.Snapshot | (filling == 0 ? MarketEventFlags.LastInMessage : 0),
                };
                if (filling == 0 && random.Next(20) == 0)
                {
                    signals[i] = new Signal
                    {
                        Time = new UnixNanos(now),
                        Atr = bids[which] * 0.01 * 0.003,
                        Close = new Price(bids[which]),
                        Instrument = instruments[which].Id,
                        HorizonBars = 5,
                        Side = random.Next(2) == 0 ? Side.Buy : Side.Sell,
                        Tier = SignalTier.Medium,
                    };
                }
            }

            e.ReceiveTime = e.ExchangeTime = new UnixNanos(now);
            if (e.Kind is MarketEventKind.BookClear or MarketEventKind.BookDelta)
                e.Instrument = instruments[which].Id;
        }

        return (events, signals, table);
    }
}
