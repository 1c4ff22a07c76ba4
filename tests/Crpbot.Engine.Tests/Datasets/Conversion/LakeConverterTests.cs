using System.Runtime.InteropServices;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Conversion;
using Crpbot.Datasets.Lake;
using Crpbot.Engine.Tests.Datasets.Lake;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Conversion;

public class LakeConverterTests
{
    private static readonly DateOnly LeapDay = new(2024, 2, 29);

    [Fact]
    public void TheStreamOfTheConvertedLakeIsTheStreamOfTheDownloads()
    {
        using var lake = new LakeFixture();
        Fill(lake);
        List<MarketEvent> before = lake.ReadAll(new LakeQuery());
        ConversionReport report = Convert(lake);
        Assert.Equal((6, 0, 0, 0), (report.Converted, report.Skipped, report.Failed, report.Refused));
        Assert.All(LakeReader.Partitions(lake.Storage, new LakeQuery()), source => Assert.False(source.IsRaw));
        List<MarketEvent> after = lake.ReadAll(new LakeQuery());
        Assert.True(before.Count > 1_000);
        Assert.True(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(before)).SequenceEqual(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(after))));
    }

    [Fact]
    public void ASecondRunSkipsAndAForcedOrOtherOneGivesTheSameBytes()
    {
        using var lake = new LakeFixture();
        using var other = new LakeFixture();
        Fill(lake);
        Fill(other);
        Convert(lake);
        Dictionary<string, byte[]> first = Content(lake);
        Assert.Equal(6, Convert(lake).Skipped);
        Assert.Equal(6, Convert(lake, options => options with { Force = true, Parallel = 1 }).Converted);
        Convert(other, options => options with { Parallel = 4 });
        foreach (LakeFixture again in new[] { lake, other })
        {
            Dictionary<string, byte[]> content = Content(again);
            Assert.Equal(first.Keys.Order(), content.Keys.Order());
            Assert.All(first, file => Assert.Equal(file.Value, content[file.Key]));
        }
    }

    [Fact]
    public void ARawFileThatChangedIsConvertedAgain()
    {
        using var lake = new LakeFixture();
        string raw = lake[lake.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, "")];
        // Not compressed, so that both have one length.
        File.WriteAllText(raw, LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay, 10, firstId: 100));
        Convert(lake);
        File.WriteAllText(raw, LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay, 10, firstId: 500));
        Assert.Equal((1, 0), Convert(lake) is var report ? (report.Converted, report.Skipped) : default);
        Assert.Equal(500, lake.ReadAll(new LakeQuery())[0].Sequence);
        File.Delete(lake[Key("trades", "BTC-USD")]);
        Assert.Equal(1, Convert(lake).Converted);
    }

    [Fact]
    public void AGroupFileBecomesAPartitionASymbolButNotThoseWithAFileOfTheirOwn()
    {
        using var lake = new LakeFixture();
        const int Symbols = DatasetConversion.MaxOpen + 44;
        string rows = string.Concat(Enumerable.Range(0, 3).Select(round => string.Concat(Enumerable.Range(0, Symbols).Select(i =>
            $"deribit,BTC-{i}-C,{LakeFixture.Micros(LeapDay) + round * 1_000_000},{LakeFixture.Micros(LeapDay) + round * 1_000_000 + 7},{round},buy,0.05,{i + 1}\n"))));
        lake.AddRaw("deribit", "trades", "OPTIONS", LeapDay, "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n" + rows);
        lake.AddRaw("deribit", "trades", "BTC-7-C", LeapDay, LakeFixture.TradesCsv("deribit", "BTC-7-C", LeapDay, 20));
        ConversionReport report = Convert(lake);
        Assert.Equal(Symbols, report.Partitions);
        Assert.Equal((Symbols - 1) * 3 + 20, report.Rows);
        foreach (int i in new[] { 0, 7, DatasetConversion.MaxOpen, Symbols - 1 })
        {
            List<MarketEvent> events = lake.ReadAll(new LakeQuery { Symbols = [$"BTC-{i}-C"] });
            Assert.Equal(i == 7 ? 20 : 3, events.Count);
            Assert.All(events, e => Assert.True(i == 7 || e.Quantity.Lots == (i + 1) * 100_000_000L));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n")]
    public void ADayWithoutRowsIsAPartitionWithoutRows(string csv)
    {
        using var lake = new LakeFixture();
        lake.AddRaw("coinbase", "trades", "SOL-USD", LeapDay, csv);
        Assert.Equal((1, 0L), Convert(lake) is var report ? (report.Partitions, report.Rows) : default);
        ParquetSummary summary = ParquetFile.ReadSummary(lake[Key("trades", "SOL-USD")]);
        Assert.Equal(("coinbase", "SOL-USD", 0), (summary.Venue, summary.Symbol, summary.Rows));
        Assert.Equal(1, Convert(lake).Skipped);
    }

    [Fact]
    public void OtherColumnOrdersAndUnknownColumnsAreReadByName()
    {
        using var lake = new LakeFixture();
        long at = LakeFixture.Micros(LeapDay) + 5;
        lake.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, $"note,amount,price,side,local_timestamp,id,symbol,exchange,timestamp\nx,0.5,100.25,sell,{at},abc-9,BTC-USD,coinbase,{at - 3}\n");
        Convert(lake);
        MarketEvent trade = Assert.Single(lake.ReadAll(new LakeQuery()));
        Assert.Equal((10_025, 50_000_000, Side.Sell, at * 1000), (trade.Price.Ticks, trade.Quantity.Lots, trade.Side, trade.ReceiveTime.Value));
        Assert.True(trade.Flags.HasFlag(MarketEventFlags.TextId));
    }

    [Fact]
    public void LinesThatEndAsOnWindowsGiveTheSameEvents()
    {
        using var lake = new LakeFixture();
        using var plain = new LakeFixture();
        string csv = LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay, 50);
        plain.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, csv);
        lake.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, csv.Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal((0, 50), Convert(lake) is var report ? (report.Refused, report.Rows) : default);
        Convert(plain);
        Assert.Equal(plain.ReadAll(new LakeQuery()), lake.ReadAll(new LakeQuery()));
    }

    [Fact]
    public void DamagedRowsAreCountedAndNamedAndStrictLeavesNothing()
    {
        using var lake = new LakeFixture();
        string csv = LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay, 5) + "coinbase,BTC-USD,1,2,3,buy,x,1\n"
            + LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay.AddDays(1), 1).Split('\n')[1] + "\n";
        lake.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, csv);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Convert(lake, options => options with { Strict = true }));
        Assert.Contains("line 7", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Content(lake).Keys, key => !key.StartsWith("raw/", StringComparison.Ordinal));

        ConversionResult result = Assert.Single(Convert(lake).Results);
        Assert.Equal((5, 2), (result.Rows, result.Refused));
        Assert.Contains("line 7", result.Damage[0], StringComparison.Ordinal);
        Assert.Contains("which is not 2024-02-29", result.Damage[1], StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsNotOfItsKindFailsAlone()
    {
        using var lake = new LakeFixture();
        Fill(lake);
        lake.AddRaw("coinbase", "trades", "DOGE-USD", LeapDay, "a,b\n1,2\n");
        ConversionReport report = Convert(lake);
        Assert.Equal((6, 1), (report.Converted, report.Failed));
        Assert.Contains("DOGE-USD.csv.gz: line 1", Assert.Single(report.Results, result => result.Failure is not null).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void ShardsShareTheWorkWithoutOverlapOrRest()
    {
        using var lake = new LakeFixture();
        using var whole = new LakeFixture();
        Fill(lake);
        Fill(whole);
        Convert(whole);
        int[] done = [.. Enumerable.Range(0, 3).Select(i => Convert(lake, options => options with { Shard = Sharding.Parse($"{i}/3") }).Converted)];
        Assert.Equal(6, done.Sum());
        Assert.Equal(Content(whole).Keys.Order(), Content(lake).Keys.Order());
    }

    [Fact]
    public void WhatIsNotAskedForIsLeftAlone()
    {
        using var lake = new LakeFixture();
        Fill(lake);
        Assert.Equal(1, Convert(lake, options => options with { Symbols = ["BTC-USD"], Types = ["trades"] }).Converted);
        Assert.Equal(1, Convert(lake, options => options with { From = LakeQuery.StartOf(LeapDay.AddDays(1)), To = LakeQuery.StartOf(LeapDay.AddDays(2)) }).Converted);
        Assert.Equal(0, Convert(lake, options => options with { Venue = "bitmex" }).Converted);
        ConversionReport rest = Convert(lake);
        Assert.Equal((4, 2), (rest.Converted, rest.Skipped));
    }

    [Fact]
    public void AJobThatDiesBeforeItsCommitLeavesNothingOfAPartition()
    {
        using var lake = new LakeFixture();
        Fill(lake);
        int commits = 0;
        using (var dying = new DyingLake(lake.Storage, () => ++commits > 3))
        {
            Assert.Throws<IOException>(() => LakeConverter.Run(dying, Options() with { Parallel = 1 }));
        }

        Assert.All(Content(lake).Keys.Where(key => key.EndsWith(".parquet", StringComparison.Ordinal)), key => ParquetFile.ReadSummary(lake[key]));
        Assert.DoesNotContain(Directory.EnumerateFiles(lake.Root, "*", SearchOption.AllDirectories), path => path.EndsWith(".unconfirmed", StringComparison.Ordinal));
        // What a killed process leaves is no file of the lake.
        string leftover = lake[Key("trades", "BTC-USD").Replace("part-0.parquet", ".part-0.parquet.1-1.unconfirmed", StringComparison.Ordinal)];
        Directory.CreateDirectory(Path.GetDirectoryName(leftover)!);
        File.WriteAllText(leftover, "half");
        Convert(lake);
        using var whole = new LakeFixture();
        Fill(whole);
        Convert(whole);
        Assert.Equal(Content(whole).Keys.Order(), Content(lake).Keys.Order());
    }

    internal static ConversionOptions Options() => new() { Instruments = () => new InstrumentTable(), Parallel = 2 };

    internal static ConversionReport Convert(LakeFixture lake, Func<ConversionOptions, ConversionOptions>? change = null) =>
        LakeConverter.Run(lake.Storage, change?.Invoke(Options()) ?? Options());

    private static string Key(string type, string symbol) => new LakePartition("coinbase", type, symbol, LeapDay).Key;

    /// <summary>Files of the lake by key.</summary>
    private static Dictionary<string, byte[]> Content(LakeFixture lake) => lake.Storage.List("").ToDictionary(file => file.Key, file => File.ReadAllBytes(lake[file.Key]));

    /// <summary>A leap day of three symbols, SOL with trades only and one with a book only, and a day more of ETH.</summary>
    private static void Fill(LakeFixture lake)
    {
        lake.AddRaw("coinbase", "trades", "BTC-USD", LeapDay, LakeFixture.TradesCsv("coinbase", "BTC-USD", LeapDay, 400));
        lake.AddRaw("coinbase", "incremental_book_L2", "BTC-USD", LeapDay, LakeFixture.BookCsv("coinbase", "BTC-USD", LeapDay, 500));
        lake.AddRaw("coinbase", "trades", "ETH-USD", LeapDay, LakeFixture.TradesCsv("coinbase", "ETH-USD", LeapDay, 100, firstId: 9));
        lake.AddRaw("coinbase", "trades", "ETH-USD", LeapDay.AddDays(1), LakeFixture.TradesCsv("coinbase", "ETH-USD", LeapDay.AddDays(1), 100, firstId: 999));
        lake.AddRaw("coinbase", "trades", "SOL-USD", LeapDay, LakeFixture.TradesCsv("coinbase", "SOL-USD", LeapDay, 30));
        lake.AddRaw("binance", "incremental_book_L2", "BTCUSDT", LeapDay, LakeFixture.BookCsv("binance", "BTCUSDT", LeapDay, 60));
    }

    /// <summary>A lake whose disk fails at some commit.</summary>
    private sealed class DyingLake(ILakeStorage lake, Func<bool> fails) : ILakeStorage
    {
        public string Location => lake.Location;

        public IEnumerable<LakeFile> List(string prefix) => lake.List(prefix);

        public LakeFile? Find(string key) => lake.Find(key);

        public LakeCopy Fetch(string key) => lake.Fetch(key);

        public LakeDraft Create(string key)
        {
            LakeDraft draft = lake.Create(key);
            return new LakeDraft(draft.Path, () =>
            {
                if (fails())
                    throw new IOException("no space left on device");
                draft.Commit();
            });
        }

        public void Dispose()
        {
        }
    }
}
