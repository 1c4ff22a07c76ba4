using Crpbot.MarketData;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.MarketData;

/// <summary>What every book does, whatever it is made of.</summary>
public abstract class L2BookSuite
{
    private protected abstract IL2Book Create();

    [Fact]
    public void ANewBookIsEmpty()
    {
        IL2Book book = Create();
        Assert.Equal((0, 0), (book.BidCount, book.AskCount));
        Assert.Equal(default, book.BestBid);
        Assert.Equal(default, book.BestAsk);
        Assert.False(book.IsTwoSided);
        Assert.False(book.IsCrossed);
        Assert.Throws<ArgumentOutOfRangeException>(() => book.Bid(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => book.Ask(0));
    }

    [Fact]
    public void TheBestBidIsTheHighestAndTheBestAskTheLowest()
    {
        IL2Book book = Create();
        foreach (long ticks in (long[])[100, 102, 99, 101])
            Set(book, Side.Buy, ticks, ticks * 10);
        foreach (long ticks in (long[])[105, 103, 106, 104])
            Set(book, Side.Sell, ticks, ticks * 10);
        Assert.Equal(new Level(new(102), new(1020)), book.BestBid);
        Assert.Equal(new Level(new(103), new(1030)), book.BestAsk);
        Assert.Equal([102, 101, 100, 99], Enumerable.Range(0, 4).Select(i => book.Bid(i).Price.Ticks));
        Assert.Equal([103, 104, 105, 106], Enumerable.Range(0, 4).Select(i => book.Ask(i).Price.Ticks));
        Assert.True(book.IsTwoSided);
        Assert.False(book.IsCrossed);
        Assert.Throws<ArgumentOutOfRangeException>(() => book.Bid(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => book.Ask(-1));
    }

    [Fact]
    public void SetReturnsTheIndexOfTheTouchedLevel()
    {
        IL2Book book = Create();
        Assert.Equal(0, Set(book, Side.Buy, 100, 1));
        Assert.Equal(1, Set(book, Side.Buy, 98, 1));
        Assert.Equal(1, Set(book, Side.Buy, 99, 1));
        Assert.Equal(2, Set(book, Side.Buy, 98, 5));
        Assert.Equal(1, Set(book, Side.Buy, 99, 0));
        Assert.Equal(0, Set(book, Side.Buy, 101, 1));
        Assert.Equal(0, Set(book, Side.Sell, 103, 1));
        Assert.Equal(0, Set(book, Side.Sell, 102, 1));
        Assert.Equal(2, Set(book, Side.Sell, 104, 1));
    }

    [Fact]
    public void ZeroQuantityRemovesTheLevel()
    {
        IL2Book book = Create();
        Set(book, Side.Buy, 100, 1);
        Set(book, Side.Buy, 99, 2);
        Assert.Equal(0, Set(book, Side.Buy, 100, 0));
        Assert.Equal(new Level(new(99), new(2)), book.BestBid);
        Assert.Equal(0, Set(book, Side.Buy, 99, 0));
        Assert.Equal(0, book.BidCount);
    }

    [Fact]
    public void RemovingAnUnknownLevelChangesNothing()
    {
        IL2Book book = Create();
        Assert.Equal(-1, Set(book, Side.Buy, 100, 0));
        Set(book, Side.Buy, 100, 1);
        Assert.Equal(-1, Set(book, Side.Buy, 101, 0));
        Assert.Equal(-1, Set(book, Side.Buy, 99, 0));
        Assert.Equal(-1, Set(book, Side.Sell, 100, 0));
        Assert.Equal((1, 0), (book.BidCount, book.AskCount));
    }

    [Fact]
    public void TouchingOrOverlappingSidesAreCrossed()
    {
        IL2Book book = Create();
        Set(book, Side.Buy, 100, 1);
        Set(book, Side.Sell, 101, 1);
        Assert.False(book.IsCrossed);
        Set(book, Side.Sell, 100, 1);
        Assert.True(book.IsCrossed);
        Set(book, Side.Buy, 105, 1);
        Assert.True(book.IsCrossed);
        Set(book, Side.Buy, 105, 0);
        Set(book, Side.Buy, 100, 0);
        Assert.False(book.IsCrossed);
    }

    [Fact]
    public void ClearEmptiesBothSidesAndTheBookGoesOn()
    {
        IL2Book book = Create();
        for (int i = 0; i < 500; i++)
        {
            Set(book, Side.Buy, 1000 - i, 1);
            Set(book, Side.Sell, 1001 + i, 1);
        }

        book.Clear();
        Assert.Equal((0, 0), (book.BidCount, book.AskCount));
        Assert.Equal(-1, Set(book, Side.Buy, 1000, 0));
        Assert.Equal(0, Set(book, Side.Buy, 7, 1));
        Assert.Equal(new Level(new(7), new(1)), book.BestBid);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MinValue + 1)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void AnyPriceIsALevelOnEitherSide(long ticks)
    {
        IL2Book book = Create();
        Assert.Equal(-1, Set(book, Side.Buy, ticks, 0));
        Assert.Equal(-1, Set(book, Side.Sell, ticks, 0));
        Assert.Equal(0, Set(book, Side.Buy, ticks, long.MaxValue));
        Assert.Equal(0, Set(book, Side.Sell, ticks, 3));
        Assert.Equal(0, Set(book, Side.Buy, ticks, 2));
        Assert.Equal(new Level(new(ticks), new(2)), book.BestBid);
        Assert.Equal(new Level(new(ticks), new(3)), book.BestAsk);
        Assert.Equal(0, Set(book, Side.Buy, ticks, 0));
        Assert.Equal((0, 1), (book.BidCount, book.AskCount));
    }

    [Fact]
    public void ANegativeQuantityOrAnUnknownSideIsMisuse()
    {
        IL2Book book = Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => Set(book, Side.Buy, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Set(book, Side.Unknown, 1, 1));
        Assert.Equal(0, book.BidCount);
    }

    private static int Set(IL2Book book, Side side, long ticks, long lots) => book.Set(side, new Price(ticks), new Quantity(lots));
}

public class NaiveL2BookTests : L2BookSuite
{
    private protected override IL2Book Create() => new NaiveL2Book();
}
