using Crpbot.Codecs.Instruments;
using Crpbot.Engine;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Engine;

public class DecisionLogTests
{
    [Fact]
    public void TheHashDoesNotDependOnTheIdsOfTheProcess()
    {
        string first = HashOf(["BTC-USD", "ETH-USD"], "BTC-USD", 100);
        string second = HashOf(["SOL-USD", "ETH-USD", "BTC-USD"], "BTC-USD", 100);
        Assert.Equal(first, second);
    }

    [Fact]
    public void TheHashDependsOnEveryFieldAndOnTheInstrument()
    {
        string[] symbols = ["BTC-USD", "ETH-USD"];
        Assert.NotEqual(HashOf(symbols, "BTC-USD", 100), HashOf(symbols, "BTC-USD", 101));
        Assert.NotEqual(HashOf(symbols, "BTC-USD", 100), HashOf(symbols, "ETH-USD", 100));
    }

    [Fact]
    public void ANaNHasOneHash()
    {
        using var log = new DecisionLog(new InstrumentTable());
        log.Append([double.NaN, 1], [1, 0]);
        string first = log.Hash;
        log.Reset();
        log.Append([double.NaN, 1], [1, 0]);
        Assert.Equal(first, log.Hash);
        log.Append([0, 1], [1, 0]);
        Assert.NotEqual(first, log.Hash);
    }

    [Fact]
    public void TheFileAppearsWholeOrNotAtAll()
    {
        string path = Path.Combine(Path.GetTempPath(), $"crpbot-{Guid.NewGuid():N}.decisions");
        var instruments = new InstrumentTable();
        Instrument instrument = instruments.GetOrAdd("coinbase", "BTC-USD");
        using (var log = new DecisionLog(instruments, path))
        {
            log.Append(new Bar { Instrument = instrument.Id, Close = new Price(7) });
            Assert.False(File.Exists(path));
            log.Complete();
        }

        Assert.True(new FileInfo(path).Length > System.Runtime.CompilerServices.Unsafe.SizeOf<Bar>());
        File.Delete(path);
    }

    private static string HashOf(string[] symbols, string symbol, long close)
    {
        var instruments = new InstrumentTable();
        foreach (string known in symbols)
            instruments.GetOrAdd("coinbase", known);
        using var log = new DecisionLog(instruments);
        log.Append(new Bar { Instrument = instruments.GetOrAdd("coinbase", symbol).Id, Close = new Price(close) });
        return log.Hash;
    }
}
