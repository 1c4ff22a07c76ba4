using System.Text;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Venues;
using Xunit;

namespace Crpbot.Codecs.Tests.Venues;

public class SymbolMapTests
{
    private readonly InstrumentTable _table = new();

    [Fact]
    public void ThousandsOfNamesOfEveryLengthKeepTheirOwnState()
    {
        SymbolMap<VenueSymbol> map = Create();
        var random = new Random(4);
        var known = new Dictionary<string, VenueSymbol>();
        for (int i = 0; i < 3_000; i++)
        {
            string name = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => "ABCDEFGH-_0123"[random.Next(14)]));
            VenueSymbol state = map.FindOrAdd(Encoding.UTF8.GetBytes(name));
            Assert.Equal(name, state.Instrument.Symbol);
            if (!known.TryAdd(name, state))
                Assert.Same(known[name], state);
        }

        foreach ((string name, VenueSymbol state) in known)
        {
            Assert.True(map.TryFind(Encoding.UTF8.GetBytes(name), out VenueSymbol? found));
            Assert.Same(state, found);
            Assert.Same(state, map[state.Id]);
        }

        Assert.Equal(known.Count, map.All.Count);
    }

    [Fact]
    public void AnyCaseLeadsToTheSameState()
    {
        SymbolMap<VenueSymbol> map = Create();
        Assert.Same(map.FindOrAdd("btcusdt"u8), map.FindOrAdd("BTCUSDT"u8));
        Assert.Same(map.FindOrAdd("btc-27sep24-100000-c"u8), map.FindOrAdd("BTC-27SEP24-100000-C"u8));
        Assert.Equal(2, map.All.Count);
    }

    [Fact]
    public void ANameThatOnlyBeginsLikeAnotherIsAnother()
    {
        SymbolMap<VenueSymbol> map = Create();
        map.FindOrAdd("BTC-USD"u8);
        Assert.False(map.TryFind("BTC-US"u8, out _));
        Assert.False(map.TryFind("BTC-USDC"u8, out _));
        Assert.False(map.TryFind(""u8, out _));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("A", true)]
    [InlineData("币安人生USDT", true)]
    [InlineData("BTC USD", false)]
    [InlineData("BTC\tUSD", false)]
    [InlineData("BTC\u007FUSD", false)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234", false)]
    public void ASymbolIsShortAndHasNoSpaces(string name, bool isSymbol) =>
        Assert.Equal(isSymbol, SymbolMap<VenueSymbol>.IsSymbol(Encoding.UTF8.GetBytes(name)));

    private SymbolMap<VenueSymbol> Create() => new(_table, "x", instrument => new VenueSymbol(instrument));
}
