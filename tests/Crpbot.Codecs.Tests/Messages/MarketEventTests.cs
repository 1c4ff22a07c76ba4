using System.Runtime.CompilerServices;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Codecs.Tests.Messages;

public class MarketEventTests
{
    [Fact]
    public void OneEventIsOneCacheLine() => Assert.Equal(64, Unsafe.SizeOf<MarketEvent>());

    [Theory]
    [InlineData(nameof(MarketEvent.ReceiveTime), 0)]
    [InlineData(nameof(MarketEvent.ExchangeTime), 8)]
    [InlineData(nameof(MarketEvent.Price), 16)]
    [InlineData(nameof(MarketEvent.Quantity), 24)]
    [InlineData(nameof(MarketEvent.Sequence), 32)]
    [InlineData(nameof(MarketEvent.Aux), 40)]
    [InlineData(nameof(MarketEvent.Instrument), 48)]
    [InlineData(nameof(MarketEvent.Kind), 52)]
    [InlineData(nameof(MarketEvent.Side), 53)]
    [InlineData(nameof(MarketEvent.Flags), 54)]
    [InlineData(nameof(MarketEvent.Channel), 56)]
    [InlineData(nameof(MarketEvent.Scale), 57)]
    [InlineData(nameof(MarketEvent.Detail), 60)]
    public void AFieldStaysWhereCapturesExpectIt(string field, int offset) =>
        Assert.Equal(offset, (int)System.Runtime.InteropServices.Marshal.OffsetOf<MarketEvent>(field));

    [Fact]
    public void AnEventHoldsNoReferences() => Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<MarketEvent>());

    [Theory]
    [InlineData(MarketEventKind.Trade, 1)]
    [InlineData(MarketEventKind.BookDelta, 2)]
    [InlineData(MarketEventKind.BookClear, 3)]
    [InlineData(MarketEventKind.Quote, 4)]
    [InlineData(MarketEventKind.DerivativeTicker, 5)]
    [InlineData(MarketEventKind.Liquidation, 6)]
    [InlineData(MarketEventKind.Heartbeat, 7)]
    [InlineData(MarketEventKind.Timer, 8)]
    [InlineData(MarketEventKind.Gap, 9)]
    [InlineData(MarketEventKind.Disconnect, 10)]
    [InlineData(MarketEventKind.Operator, 11)]
    public void AStoredKindKeepsItsNumber(MarketEventKind kind, byte number) => Assert.Equal(number, (byte)kind);
}
