using Crpbot.MarketData;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.MarketData;

public class BookBuilderTests
{
    private readonly BookBuilder _builder = new();

    [Fact]
    public void DeltasBeforeASnapshotAreIgnoredAndCounted()
    {
        Delta(Side.Buy, 100, 1, last: true);
        Delta(Side.Sell, 101, 1, last: true);
        Assert.False(_builder.HasSnapshot);
        Assert.False(_builder.InMessage);
        Assert.Equal(2, _builder.IgnoredDeltas);
        Assert.Equal(0, _builder.Book.BidCount);
    }

    [Fact]
    public void ASnapshotIsCompleteAtTheEndOfItsMessage()
    {
        Apply(MarketEventKind.BookClear);
        Assert.True(_builder.InMessage);
        Delta(Side.Buy, 100, 1);
        Assert.False(_builder.HasSnapshot);
        Delta(Side.Sell, 101, 1, last: true);
        Assert.True(_builder.HasSnapshot);
        Assert.False(_builder.InMessage);
        Assert.True(_builder.IsReadable);
    }

    [Fact]
    public void AnEmptySnapshotIsASnapshotButNotReadable()
    {
        Apply(MarketEventKind.BookClear, last: true);
        Assert.True(_builder.HasSnapshot);
        Assert.False(_builder.IsReadable);
    }

    [Theory]
    [InlineData(MarketEventKind.Gap, Channel.Book)]
    [InlineData(MarketEventKind.Gap, Channel.All)]
    [InlineData(MarketEventKind.Disconnect, Channel.All)]
    public void AGapOrADisconnectVoidsTheBookUntilASnapshot(MarketEventKind kind, Channel channel)
    {
        Snapshot();
        Apply(kind, last: true, channel: channel);
        Assert.False(_builder.HasSnapshot);
        Assert.False(_builder.IsReadable);
        Assert.Equal((0, 0), (_builder.Book.BidCount, _builder.Book.AskCount));
        Delta(Side.Buy, 99, 1, last: true);
        Assert.Equal(1, _builder.IgnoredDeltas);
        Snapshot();
        Assert.True(_builder.IsReadable);
    }

    [Fact]
    public void AGapOfAnotherChannelLeavesTheBook()
    {
        Snapshot();
        Apply(MarketEventKind.Gap, last: true, channel: Channel.Trades);
        Assert.True(_builder.IsReadable);
    }

    [Fact]
    public void AGapInTheMiddleOfASnapshotDropsItsRest()
    {
        Apply(MarketEventKind.BookClear);
        Delta(Side.Buy, 100, 1);
        Apply(MarketEventKind.Gap, channel: Channel.Book);
        Delta(Side.Sell, 101, 1, last: true);
        Assert.False(_builder.HasSnapshot);
        Assert.Equal(0, _builder.Book.AskCount);
    }

    [Fact]
    public void ASecondSnapshotReplacesTheFirst()
    {
        Snapshot();
        Apply(MarketEventKind.BookClear);
        Assert.False(_builder.HasSnapshot);
        Delta(Side.Buy, 50, 1);
        Delta(Side.Sell, 60, 1, last: true);
        Assert.Equal((50, 60), (_builder.Book.BestBid.Price.Ticks, _builder.Book.BestAsk.Price.Ticks));
        Assert.Equal((1, 1), (_builder.Book.BidCount, _builder.Book.AskCount));
    }

    [Fact]
    public void OnlyTheEndOfAMessageCountsAsCrossed()
    {
        Snapshot();
        Delta(Side.Buy, 101, 1);
        Assert.True(_builder.InMessage);
        Delta(Side.Sell, 101, 0);
        Delta(Side.Sell, 102, 1, last: true);
        Assert.Equal(0, _builder.CrossedStates);
        Delta(Side.Buy, 102, 1, last: true);
        Assert.Equal(1, _builder.CrossedStates);
        Assert.False(_builder.IsReadable);
        Assert.True(_builder.HasSnapshot);
    }

    [Fact]
    public void RemovingAnUnknownLevelIsCounted()
    {
        Snapshot();
        Delta(Side.Buy, 7, 0, last: true);
        Assert.Equal(1, _builder.UnknownDeletes);
        Assert.True(_builder.IsReadable);
    }

    [Fact]
    public void TradesAndTimersChangeNothing()
    {
        Snapshot();
        Apply(MarketEventKind.Trade, last: true);
        Apply(MarketEventKind.Timer, last: true);
        Assert.True(_builder.IsReadable);
        Assert.Equal((1, 1), (_builder.Book.BidCount, _builder.Book.AskCount));
    }

    [Fact]
    public void AMessageMayEndWithAnEventThatIsNoLevel()
    {
        Snapshot();
        Delta(Side.Buy, 99, 1);
        Assert.True(_builder.InMessage);
        Apply(MarketEventKind.Quote, last: true);
        Assert.False(_builder.InMessage);
    }

    [Fact]
    public void ResetForgetsTheBookAndTheCounters()
    {
        Delta(Side.Buy, 1, 1, last: true);
        Snapshot();
        _builder.Reset();
        Assert.False(_builder.HasSnapshot);
        Assert.Equal((0, 0L, 0L), (_builder.Book.BidCount, _builder.IgnoredDeltas, _builder.UnknownDeletes));
    }

    private void Snapshot()
    {
        Apply(MarketEventKind.BookClear);
        Delta(Side.Buy, 100, 1);
        Delta(Side.Sell, 101, 1, last: true);
    }

    private void Delta(Side side, long ticks, long lots, bool last = false) => _builder.Apply(new MarketEvent
    {
        Kind = MarketEventKind.BookDelta,
        Channel = Channel.Book,
        Side = side,
        Price = new(ticks),
        Quantity = new(lots),
        Flags = last ? MarketEventFlags.LastInMessage : MarketEventFlags.None,
    });

    private void Apply(MarketEventKind kind, bool last = false, Channel channel = Channel.Book) =>
        _builder.Apply(new MarketEvent { Kind = kind, Channel = channel, Flags = last ? MarketEventFlags.LastInMessage : MarketEventFlags.None });
}
