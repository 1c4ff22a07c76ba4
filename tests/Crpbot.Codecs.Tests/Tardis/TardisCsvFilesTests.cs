using System.IO.Compression;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Tardis;
using Crpbot.Messages;
using Crpbot.Testing;
using Xunit;

namespace Crpbot.Codecs.Tests.Tardis;

public class TardisCsvFilesTests
{
    private const string Layout = "tardis-csv-layout/binance_trades_2024-08-08_BTCUSDT.csv.gz";

    public static TheoryData<string, int> Files => new()
    {
        { "tardis-csv-layout/binance_trades_2024-08-08_BTCUSDT.csv.gz", 9757 },
        { "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_BTCUSDT.csv.gz", 126058 },
        { "tardis-csv-layout/binance_book_ticker_2024-08-08_BTCUSDT.csv.gz", 28040 },
        { "tardis-csv-layout/binance_book_snapshot_25_2024-08-08_BTCUSDT.csv.gz", 3251 },
        { "tardis-csv-layout/binance_trades_2024-08-08_ETHUSDT.csv.gz", 6106 },
        { "tardis-csv-layout/binance_incremental_book_L2_2024-08-08_ETHUSDT.csv.gz", 108802 },
        { "tardis-csv-layout/binance_book_ticker_2024-08-08_ETHUSDT.csv.gz", 24077 },
        { "tardis-csv-layout/binance_book_snapshot_25_2024-08-08_ETHUSDT.csv.gz", 3266 },
        { "nautilus-tardis-csv/binance-futures_book_snapshot_25_BTCUSDT.csv", 10 },
        { "nautilus-tardis-csv/bitmex_trades_XBTUSD.csv", 10 },
        { "nautilus-tardis-csv/deribit_incremental_book_L2_BTC-PERPETUAL.csv", 15 },
    };

    [MarketDataTheory(Layout)]
    [MemberData(nameof(Files))]
    public void EveryRowIsReadAndWrittenBackTheSame(string file, int rows)
    {
        // A futures tick of 0.1 is that of today; in 2020 it was 0.01.
        var instruments = new InstrumentTable(new Dictionary<(string, string), (DecimalStep, DecimalStep)>());
        var textIds = new TextIdTable();
        using TardisCsvReader reader = TardisCsvReader.Open(MarketData.Path(file), instruments, textIds);
        CsvEvents read = CsvEvents.ReadAll(reader);
        Assert.Equal((rows, 0, 0), (read.Rows, read.Refused, read.Dropped));
        string[] written = CsvEvents.Write(read.Events, read.Type!.Value, instruments, textIds).Split('\n');
        string[] original = ReadText(MarketData.Path(file)).ReplaceLineEndings("\n").Split('\n');
        Assert.Equal(original.Length, written.Length);
        Assert.Equal(original[0], written[0]);
        for (int i = 1; i < original.Length; i++)
            Assert.Equal(original[i], written[i]);
    }

    [MarketDataTheory(Layout)]
    [InlineData("BTCUSDT")]
    [InlineData("ETHUSDT")]
    public void TheBookOfTheIncrementalFileIsThatOfTheSnapshotFile(string symbol)
    {
        var instruments = new InstrumentTable();
        var textIds = new TextIdTable();
        using TardisCsvReader deltas = TardisCsvReader.Open(MarketData.Path($"tardis-csv-layout/binance_incremental_book_L2_2024-08-08_{symbol}.csv.gz"), instruments, textIds);
        using TardisCsvReader snapshots = TardisCsvReader.Open(MarketData.Path($"tardis-csv-layout/binance_book_snapshot_25_2024-08-08_{symbol}.csv.gz"), instruments, textIds);
        var bids = new SortedDictionary<long, long>(Comparer<long>.Create((a, b) => b.CompareTo(a)));
        var asks = new SortedDictionary<long, long>();
        var message = new MarketEventBuffer();
        var snapshot = new MarketEventBuffer();
        int compared = 0;
        bool hasMessage = deltas.ReadMessage(message);
        while (snapshots.ReadMessage(snapshot))
        {
            UnixNanos time = snapshot.Events[0].ReceiveTime;
            while (hasMessage && message.Events[0].ReceiveTime <= time)
            {
                foreach (ref readonly MarketEvent e in message.Events)
                    Apply(e, bids, asks);
                message.Clear();
                hasMessage = deltas.ReadMessage(message);
            }

            Assert.Equal(Levels(snapshot, Side.Buy), bids.Take(25).Select(level => (level.Key, level.Value)));
            Assert.Equal(Levels(snapshot, Side.Sell), asks.Take(25).Select(level => (level.Key, level.Value)));
            snapshot.Clear();
            compared++;
        }

        Assert.True(compared > 3_000);
    }

    private static List<(long, long)> Levels(MarketEventBuffer snapshot, Side side)
    {
        var levels = new List<(long, long)>();
        foreach (ref readonly MarketEvent e in snapshot.Events)
        {
            if (e.Kind == MarketEventKind.BookDelta && e.Side == side)
                levels.Add((e.Price.Ticks, e.Quantity.Lots));
        }

        return levels;
    }

    private static void Apply(in MarketEvent e, SortedDictionary<long, long> bids, SortedDictionary<long, long> asks)
    {
        if (e.Kind == MarketEventKind.BookClear)
        {
            bids.Clear();
            asks.Clear();
            return;
        }

        SortedDictionary<long, long> side = e.Side == Side.Buy ? bids : asks;
        if (e.Quantity.Lots == 0)
            side.Remove(e.Price.Ticks);
        else
            side[e.Price.Ticks] = e.Quantity.Lots;
    }

    private static string ReadText(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream text = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(text);
        return reader.ReadToEnd();
    }
}
