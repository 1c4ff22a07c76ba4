using Crpbot.MarketData;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.MarketData;

public class L2BookTests : L2BookSuite
{
    private protected override IL2Book Create() => new L2Book();

    [Theory]
    [InlineData(1, 6, 4000)]
    [InlineData(2, 40, 6000)]
    [InlineData(3, 400, 6000)]
    [InlineData(4, 3000, 4000)]
    public void RandomChangesGiveTheNaiveBook(int seed, int width, int changes)
    {
        var random = new Random(seed);
        var book = new L2Book(1);
        var judge = new NaiveL2Book();
        for (int i = 0; i < changes; i++)
        {
            if (random.Next(changes) == 0)
            {
                book.Clear();
                judge.Clear();
            }

            Side side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            // Mostly near the middle, so that both ends, the near search and the bisection are all visited.
            long ticks = random.Next(3) == 0 ? random.Next(-width, width) : random.Next(-width / 8 - 1, width / 8 + 1);
            long lots = random.Next(5) < 2 ? 0 : random.Next(1, 1000);
            Assert.Equal(judge.Set(side, new(ticks), new(lots)), book.Set(side, new(ticks), new(lots)));
            Assert.Equal(judge.BestBid, book.BestBid);
            Assert.Equal(judge.BestAsk, book.BestAsk);
            Assert.Equal(judge.IsCrossed, book.IsCrossed);
            if (i % 97 == 0)
                AssertSame(judge, book);
        }

        AssertSame(judge, book);
    }

    [Theory]
    [InlineData(11, 6, 4000, 10)]
    [InlineData(12, 100, 6000, 3)]
    [InlineData(13, 400, 8000, 40)]
    [InlineData(14, 3000, 12000, 500)]
    [InlineData(15, 3000, 12000, 5000)]
    public void ChangesInOrderOfPriceGiveTheNaiveBookHoweverSeldomItIsRead(int seed, int width, int changes, int readEvery)
    {
        var random = new Random(seed);
        var book = new L2Book(1);
        var judge = new NaiveL2Book();
        long[] cursor = [0, 0];
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(2);
            // Runs of nearby prices, as messages are, with jumps between; the book is as deep as the width.
            cursor[at] = random.Next(12) == 0 ? random.Next(width) : Math.Min(width, cursor[at] + random.Next(6));
            long ticks = at == 0 ? -cursor[at] - random.Next(2) : cursor[at];
            long lots = random.Next(7) < 3 ? 0 : random.Next(1, 1000);
            Side side = at == 0 ? Side.Buy : Side.Sell;
            Assert.Equal(judge.Change(side, new(ticks), new(lots)), book.Change(side, new(ticks), new(lots)));
            Assert.Equal((judge.BidCount, judge.AskCount), (book.BidCount, book.AskCount));
            Assert.Equal(judge.BestBid, book.BestBid);
            Assert.Equal(judge.BestAsk, book.BestAsk);
            if (i % readEvery == 0)
                AssertSame(judge, book);
        }

        AssertSame(judge, book);
    }

    [Fact]
    public void ManyRemovalsInARowLeaveTheRest()
    {
        var book = new L2Book();
        for (int i = 0; i < 3000; i++)
            book.Change(Side.Sell, new(i), new(i + 1));
        for (int i = 0; i < 3000; i++)
        {
            if (i % 3 != 0)
                Assert.True(book.Change(Side.Sell, new(i), new(0)));
        }

        Assert.Equal(1000, book.AskCount);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => 3L * i), book.AskTicks.ToArray().Reverse());
        Assert.False(book.Change(Side.Sell, new(1), new(0)));
        for (int i = 2997; i >= 0; i -= 3)
            Assert.True(book.Change(Side.Sell, new(i), new(0)));
        Assert.Equal(0, book.AskCount);
        Assert.Equal(default, book.BestAsk);
        Assert.True(book.Change(Side.Sell, new(5), new(1)));
        Assert.Equal(new Level(new(5), new(1)), book.BestAsk);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ASnapshotOf27000LevelsAWayLoadsInEitherOrder(bool bestFirst)
    {
        const int Levels = 27_238;
        var book = new L2Book();
        for (int i = 0; i < Levels; i++)
        {
            int from = bestFirst ? i : Levels - 1 - i;
            Assert.Equal(bestFirst ? i : 0, book.Set(Side.Buy, new(6_000_000 - from), new(i + 1)));
            Assert.Equal(bestFirst ? i : 0, book.Set(Side.Sell, new(6_000_001 + from), new(i + 1)));
        }

        Assert.Equal((Levels, Levels), (book.BidCount, book.AskCount));
        Assert.Equal(6_000_000, book.BestBid.Price.Ticks);
        Assert.Equal(6_000_001, book.BestAsk.Price.Ticks);
        Assert.Equal(Levels - 1, book.Set(Side.Buy, new(6_000_000 - Levels + 1), new(0)));
        Assert.Equal(15_000, book.Set(Side.Sell, new(6_015_001), new(7)));
        Assert.Equal(new Level(new(6_015_001), new(7)), book.Ask(15_000));
    }

    [Fact]
    public void TheSpansHoldTheBestLevelLast()
    {
        var book = new L2Book();
        foreach (long ticks in (long[])[3, 1, 2])
        {
            book.Set(Side.Buy, new(ticks), new(ticks * 10));
            book.Set(Side.Sell, new(10 + ticks), new(ticks * 100));
        }

        Assert.Equal([1, 2, 3], book.BidTicks.ToArray());
        Assert.Equal([10, 20, 30], book.BidLots.ToArray());
        Assert.Equal([13, 12, 11], book.AskTicks.ToArray());
        Assert.Equal([300, 200, 100], book.AskLots.ToArray());
    }

    [Fact]
    public void AMarketThatDriftsOneWayNeitherLosesLevelsNorGrows()
    {
        var book = new L2Book(64);
        for (int i = 0; i < 200_000; i++)
        {
            book.Set(Side.Buy, new(i), new(1));
            book.Set(Side.Sell, new(i + 1), new(0));
            book.Set(Side.Sell, new(i + 31), new(1));
            book.Set(Side.Buy, new(i - 30), new(0));
            if (i == 1000)
                Assert.Equal((30, 30), (book.BidCount, book.AskCount));
        }

        Assert.Equal((30, 30), (book.BidCount, book.AskCount));
        Assert.Equal((199_999, 200_001), (book.BestBid.Price.Ticks, book.BestAsk.Price.Ticks));
    }

    [Fact]
    public void AGrownBookAllocatesNothing()
    {
        var book = new L2Book();
        Churn(book, 5_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 5; round++)
        {
            book.Clear();
            Churn(book, 200_000);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Churn(L2Book book, int changes)
    {
        for (int i = 0; i < 2_000; i++)
        {
            book.Set(Side.Buy, new(-i), new(1));
            book.Set(Side.Sell, new(i), new(1));
        }

        uint state = 1;
        for (int i = 0; i < changes; i++)
        {
            state = state * 1664525 + 1013904223;
            int depth = (int)(state >> 8) % 2_000;
            book.Set((state & 128) == 0 ? Side.Buy : Side.Sell, new((state & 128) == 0 ? -depth : depth), new(state >> 30));
        }
    }

    private static void AssertSame(NaiveL2Book judge, L2Book book)
    {
        Assert.Equal((judge.BidCount, judge.AskCount), (book.BidCount, book.AskCount));
        for (int i = 0; i < book.BidCount; i += 1 + book.BidCount / 50)
            Assert.Equal(judge.Bid(i), book.Bid(i));
        for (int i = 0; i < book.AskCount; i += 1 + book.AskCount / 50)
            Assert.Equal(judge.Ask(i), book.Ask(i));
        AssertSorted(book.BidTicks, ascending: true);
        AssertSorted(book.AskTicks, ascending: false);
    }

    private static void AssertSorted(ReadOnlySpan<long> ticks, bool ascending)
    {
        for (int i = 1; i < ticks.Length; i++)
            Assert.True(ascending ? ticks[i - 1] < ticks[i] : ticks[i - 1] > ticks[i]);
    }
}
