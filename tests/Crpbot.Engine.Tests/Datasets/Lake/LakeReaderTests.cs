using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;
using Xunit;

namespace Crpbot.Engine.Tests.Datasets.Lake;

public class LakeReaderTests
{
    private static readonly DateOnly Day = new(2024, 2, 28);

    [Fact]
    public void DaysFollowOneAnotherWhereverTheyComeFromAndParquetGoesFirst()
    {
        using var lake = new LakeFixture();
        string Csv(int day, int id) => LakeFixture.TradesCsv("coinbase", "BTC-USD", Day.AddDays(day), 5, id);
        lake.AddRaw("coinbase", "trades", "BTC-USD", Day, Csv(0, 10));
        lake.AddParquet("coinbase", TardisCsvType.Trades, "BTC-USD", Day.AddDays(1), Csv(1, 20));
        // Two forms of one day: the raw one is not read.
        lake.AddRaw("coinbase", "trades", "BTC-USD", Day.AddDays(1), Csv(1, 900));
        lake.AddRaw("coinbase", "trades", "BTC-USD", Day.AddDays(2), Csv(2, 30));
        Assert.Equal([10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 30, 31, 32, 33, 34], lake.ReadAll(new LakeQuery()).Select(e => (int)e.Sequence));
        foreach (string? venue in new[] { null, "coinbase" })
            Assert.Equal([true, false, true], LakeReader.Partitions(lake.Storage, new LakeQuery { Venue = venue }).Select(source => source.IsRaw));
    }

    [Fact]
    public void ARangeOpensOnlyTheDaysItTouches()
    {
        using var lake = new LakeFixture();
        for (int i = 0; i < 3; i++)
            lake.AddParquet("coinbase", TardisCsvType.Trades, "BTC-USD", Day.AddDays(i), LakeFixture.TradesCsv("coinbase", "BTC-USD", Day.AddDays(i), 10, 100 * i));
        UnixNanos leapDay = new(LakeFixture.Micros(new DateOnly(2024, 2, 29)) * 1000);
        var query = new LakeQuery { From = leapDay + 3 * UnixNanos.PerSecond, To = leapDay + UnixNanos.PerDay };
        Assert.Equal([new DateOnly(2024, 2, 29)], LakeReader.Partitions(lake.Storage, query).Select(source => source.Partition.Date));
        Assert.Equal(Enumerable.Range(103, 7), lake.ReadAll(query).Select(e => (int)e.Sequence));

        using MarketReader reader = LakeReader.Open(lake.Storage, new LakeQuery(), new InstrumentTable(), new DamageLog(strict: true));
        reader.SeekTo(leapDay + 8 * UnixNanos.PerSecond);
        Assert.True(reader.Read());
        Assert.Equal(108, reader.Message.Events[0].Sequence);
        reader.Rewind();
        Assert.True(reader.Read());
        Assert.Equal(0, reader.Message.Events[0].Sequence);
    }

    [Fact]
    public void ATieGoesByVenueSymbolAndRankOfTheType()
    {
        using var lake = new LakeFixture();
        foreach (string venue in new[] { "coinbase", "binance" })
        {
            foreach (string symbol in new[] { "SOL-USD", "BTC-USD" })
            {
                lake.AddParquet(venue, TardisCsvType.Trades, symbol, Day, LakeFixture.TradesCsv(venue, symbol, Day, 3));
                lake.AddRaw(venue, "incremental_book_L2", symbol, Day, LakeFixture.BookCsv(venue, symbol, Day, 3));
            }
        }

        var table = new InstrumentTable();
        using MarketReader reader = LakeReader.Open(lake.Storage, new LakeQuery(), table, new DamageLog(strict: true));
        var seen = new List<string>();
        while (reader.Read())
            seen.Add($"{table[reader.Message.Events[0].Instrument].Name} {reader.Message.Events[^1].Kind}");
        string[] instant =
        [
            "binance:BTC-USD BookDelta", "binance:BTC-USD Trade", "binance:SOL-USD BookDelta", "binance:SOL-USD Trade",
            "coinbase:BTC-USD BookDelta", "coinbase:BTC-USD Trade", "coinbase:SOL-USD BookDelta", "coinbase:SOL-USD Trade",
        ];
        Assert.Equal([.. instant, .. instant, .. instant], seen);
    }

    [Fact]
    public void AQueryNamesVenueSymbolsAndTypes()
    {
        using var lake = new LakeFixture();
        lake.AddParquet("coinbase", TardisCsvType.Trades, "BTC-USD", Day, LakeFixture.TradesCsv("coinbase", "BTC-USD", Day, 2));
        lake.AddParquet("coinbase", TardisCsvType.Trades, "ETH-USD", Day, LakeFixture.TradesCsv("coinbase", "ETH-USD", Day, 2));
        lake.AddParquet("coinbase", TardisCsvType.IncrementalBookL2, "ETH-USD", Day, LakeFixture.BookCsv("coinbase", "ETH-USD", Day, 2));
        lake.AddParquet("bitmex", TardisCsvType.Trades, "ETH-USD", Day, LakeFixture.TradesCsv("bitmex", "ETH-USD", Day, 2));
        string[] Of(LakeQuery query) => [.. LakeReader.Partitions(lake.Storage, query).Select(source => source.Partition.ToString())];
        Assert.Equal(4, Of(new LakeQuery()).Length);
        Assert.Equal(["coinbase:ETH-USD trades 2024-02-28"], Of(new LakeQuery { Venue = "coinbase", Symbols = ["ETH-USD"], Types = [TardisCsvType.Trades] }));
        Assert.Equal(["bitmex:ETH-USD trades 2024-02-28", "coinbase:ETH-USD incremental_book_L2 2024-02-28", "coinbase:ETH-USD trades 2024-02-28"], Of(new LakeQuery { Symbols = ["ETH-USD"] }));
        Assert.Empty(Of(new LakeQuery { Symbols = ["DOGE-USD"] }));
        Assert.Empty(lake.ReadAll(new LakeQuery { Symbols = ["DOGE-USD"] }));
    }

    [Fact]
    public void OfSeveralBooksOfADayTheFinestIsReadUnlessOneIsNamed()
    {
        using var lake = new LakeFixture();
        string book = LakeFixture.BookCsv("coinbase", "BTC-USD", Day, 2);
        const string Snapshots = "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,bids[0].price,bids[0].amount\n";
        lake.AddRaw("coinbase", "incremental_book_L2", "BTC-USD", Day, book);
        foreach (string type in new[] { "book_snapshot_5", "book_snapshot_25" })
        {
            lake.AddRaw("coinbase", type, "BTC-USD", Day, Snapshots);
            lake.AddRaw("coinbase", type, "BTC-USD", Day.AddDays(1), Snapshots);
        }

        Assert.Equal([TardisCsvType.IncrementalBookL2, TardisCsvType.BookSnapshot25], LakeReader.Partitions(lake.Storage, new LakeQuery()).Select(source => source.Type));
        Assert.Equal(2, LakeReader.Partitions(lake.Storage, new LakeQuery { Types = [TardisCsvType.BookSnapshot5] }).Count);
    }

    [Fact]
    public void ASymbolWithASlashOrColonIsFoundInBothForms()
    {
        using var lake = new LakeFixture();
        lake.AddParquet("kraken", TardisCsvType.Trades, "XBT/USD:A", Day, LakeFixture.TradesCsv("kraken", "XBT/USD:A", Day, 2, firstId: 1));
        lake.AddRaw("kraken", "trades", "XBT-USD-A", Day, LakeFixture.TradesCsv("kraken", "XBT/USD:A", Day, 2, firstId: 50));
        lake.AddRaw("kraken", "trades", "XBT-USD-A", Day.AddDays(1), LakeFixture.TradesCsv("kraken", "XBT/USD:A", Day.AddDays(1), 2, firstId: 3));
        Assert.True(File.Exists(lake["venue=kraken/type=trades/symbol=XBT%2FUSD%3AA/date=2024-02-28/part-0.parquet"]));
        Assert.Equal([1, 2, 3, 4], lake.ReadAll(new LakeQuery { Symbols = ["XBT/USD:A"] }).Select(e => (int)e.Sequence));
        Assert.Equal([1, 2, 3, 4], lake.ReadAll(new LakeQuery()).Select(e => (int)e.Sequence));
    }
}
