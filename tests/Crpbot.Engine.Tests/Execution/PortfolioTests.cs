using Crpbot.Codecs.Instruments;
using Crpbot.Execution;
using Crpbot.Messages;
using Crpbot.Risk;
using CsCheck;
using Xunit;

namespace Crpbot.Engine.Tests.Execution;

public sealed class PortfolioTests
{
    private static readonly InstrumentTable Table = MakeTable();
    private static readonly InstrumentTerms[] Terms = [.. Table.All.Select(i => new InstrumentTerms(i, RiskPresets.Ftmo2Step.ContractOf(i.Symbol)))];

    [Fact]
    public void ALongAndAShortOfTheSameSizeAreValuedAtTheSideTheyWouldCross()
    {
        var portfolio = new Portfolio();
        portfolio.Open(Notional.FromWhole(100_000));
        portfolio.Apply(Of(0, Side.Buy, 100, 10, 0), Terms[0]);
        portfolio.Mark(Terms[0].Instrument.Id, new Price(99), new Price(101), Terms[0]);
        Assert.Equal(Terms[0].Value(new Price(-1), new Quantity(10)), portfolio.Unrealized);
        portfolio.Apply(Of(0, Side.Sell, 99, 20, 0), Terms[0]);
        Assert.Equal(-10, portfolio[Terms[0].Instrument.Id].Lots);
        Assert.Equal(Terms[0].Value(new Price(-1), new Quantity(10)), portfolio.Realized);
        portfolio.Mark(Terms[0].Instrument.Id, new Price(97), new Price(98), Terms[0]);
        Assert.Equal(Terms[0].Value(new Price(1), new Quantity(10)), portfolio.Unrealized);
        Assert.Equal(1, portfolio.OpenPositions);
    }

    [Fact]
    public void PartsOfAPositionTakeTheirShareOfTheCostAndTheRestKeepsTheRemainder()
    {
        var portfolio = new Portfolio();
        portfolio.Open(default);
        portfolio.Apply(Of(0, Side.Buy, 10, 1, 0), Terms[0]);
        portfolio.Apply(Of(0, Side.Buy, 11, 2, 0), Terms[0]); // three lots for 32: no whole unit each
        for (int i = 0; i < 3; i++)
            portfolio.Apply(Of(0, Side.Sell, 12, 1, 0), Terms[0]);
        Assert.Equal(Terms[0].Value(new Price(4), new Quantity(1)), portfolio.Realized);
        Assert.Equal(portfolio.Realized, portfolio.Cash);
        Assert.True(portfolio[Terms[0].Instrument.Id].Cost.IsZero);
    }

    [Fact]
    public void WhateverIsTradedTheSumOfTheFillsIsTheChangeOfEquityToTheLastUnit()
    {
        Gen<(int Instrument, bool Buy, long Price, long Lots, long Bid, long Spread)[]> streams = Gen.Select(
            Gen.Int[0, Terms.Length - 1], Gen.Bool, Gen.Long[1, 20_000_000], Gen.Long[1, 3_000_000_000], Gen.Long[1, 20_000_000], Gen.Long[0, 5_000]).Array[1, 60];
        streams.Sample(
            stream =>
            {
                var portfolio = new Portfolio();
                Notional opening = Notional.FromWhole(100_000);
                portfolio.Open(opening);
                Notional flows = opening;
                long[] lots = new long[Terms.Length];
                Price[] marks = new Price[Terms.Length];
                foreach ((int i, bool buy, long price, long quantity, long bid, long spread) in stream)
                {
                    Fill fill = Of(i, buy ? Side.Buy : Side.Sell, price, quantity, RiskLimits.Billionths(0.000325m));
                    portfolio.Apply(fill, Terms[i]);
                    flows += (buy ? -fill.Value : fill.Value) - fill.Commission;
                    lots[i] += buy ? quantity : -quantity;
                    portfolio.Mark(Terms[i].Instrument.Id, new Price(bid), new Price(bid + spread), Terms[i]);
                    marks[i] = new Price(lots[i] > 0 ? bid : bid + spread);

                    Notional value = default;
                    for (int n = 0; n < lots.Length; n++)
                        value += Terms[n].Value(marks[n], new Quantity(lots[n]));
                    Assert.Equal(flows, portfolio.Cash);
                    Assert.Equal(flows + value, portfolio.Equity);
                    Assert.Equal(flows + value, portfolio.Balance + portfolio.Unrealized);
                    Assert.Equal(value, portfolio.MarketValue);
                    Assert.Equal(lots.Count(l => l != 0), portfolio.OpenPositions);
                }

                // Flat again, everything is realised.
                for (int n = 0; n < lots.Length; n++)
                {
                    if (lots[n] == 0)
                        continue;
                    Fill close = Of(n, lots[n] > 0 ? Side.Sell : Side.Buy, 1_234_567, Math.Abs(lots[n]), RiskLimits.Billionths(0.000325m));
                    portfolio.Apply(close, Terms[n]);
                    flows += (lots[n] > 0 ? close.Value : -close.Value) - close.Commission;
                }

                Assert.True(portfolio.Unrealized.IsZero);
                Assert.Equal(flows, portfolio.Balance);
                Assert.Equal(flows, portfolio.Cash);
            },
            iter: 2_000);
    }

    private static Fill Of(int terms, Side side, long price, long lots, long commissionBillionths)
    {
        Notional value = Terms[terms].Value(new Price(price), new Quantity(lots));
        return new Fill
        {
            Instrument = Terms[terms].Instrument.Id,
            Side = side,
            Price = new Price(price),
            Quantity = new Quantity(lots),
            Value = value,
            Commission = value.TimesBillionthsUp(commissionBillionths),
        };
    }

    private static InstrumentTable MakeTable()
    {
        var table = new InstrumentTable();
        table.GetOrAdd("coinbase", "BTC-USD");
        table.GetOrAdd("binance-futures", "ETHUSDT");
        table.GetOrAdd("somewhere", "SOL-USD"); // assumed increments of 1e-8: 16 digits together
        return table;
    }
}
