using System.IO.Compression;
using Crpbot.Codecs;
using Crpbot.Codecs.Instruments;
using Crpbot.Codecs.Parquet;
using Crpbot.Codecs.Readers;
using Crpbot.Codecs.Tardis;
using Crpbot.Datasets;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Engine.Tests.Datasets.Lake;

/// <summary>A lake in a folder that goes with the test, and ways to put days into it.</summary>
internal sealed class LakeFixture : IDisposable
{
    public LakeFixture()
    {
        Root = Directory.CreateTempSubdirectory("crpbot-lake-").FullName;
        Storage = new FolderLake(Root);
    }

    public string Root { get; }

    public FolderLake Storage { get; }

    public string this[string key] => Path.Combine(Root, key);

    /// <summary>A downloaded CSV: header and rows of text.</summary>
    public string AddRaw(string venue, string type, string symbol, DateOnly day, string csv)
    {
        string key = RawLake.DatasetPath(venue, type, symbol, day);
        Directory.CreateDirectory(Path.GetDirectoryName(this[key])!);
        using var gzip = new GZipStream(File.Create(this[key]), CompressionLevel.Fastest);
        gzip.Write(System.Text.Encoding.UTF8.GetBytes(csv));
        return key;
    }

    /// <summary>A day of trades, one every <paramref name="stepSeconds"/> from midnight plus <paramref name="offsetMicros"/>; ids from <paramref name="firstId"/>.</summary>
    public static string TradesCsv(string venue, string symbol, DateOnly day, int count, int firstId = 1, int stepSeconds = 1, int offsetMicros = 0) =>
        "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
            $"{venue},{symbol},{Micros(day) + i * stepSeconds * 1_000_000L + offsetMicros - 1500},{Micros(day) + i * stepSeconds * 1_000_000L + offsetMicros},{firstId + i},{(i % 2 == 0 ? "buy" : "sell")},{100 + i % 7}.25,0.{1 + i % 9}\n"));

    public static string BookCsv(string venue, string symbol, DateOnly day, int count, int stepSeconds = 1) =>
        "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount\n" + string.Concat(Enumerable.Range(0, count).Select(i =>
            $"{venue},{symbol},{Micros(day) + i * stepSeconds * 1_000_000L - 1500},{Micros(day) + i * stepSeconds * 1_000_000L},{(i == 0 ? "true" : "false")},{(i % 2 == 0 ? "bid" : "ask")},{(i % 2 == 0 ? 99 : 101)}.5,{i % 5}.5\n"));

    /// <summary>The Parquet file of a day, from CSV text.</summary>
    public void AddParquet(string venue, TardisCsvType type, string symbol, DateOnly day, string csv)
    {
        var table = new InstrumentTable();
        var texts = new TextIdTable();
        using var reader = new TardisCsvReader(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(csv)), table, texts, new TardisCsvOptions { Type = type });
        var partition = new LakePartition(venue, type.NameOf(), symbol, day);
        using LakeDraft draft = Storage.Create(partition.Key);
        using (var writer = new ParquetMessageWriter(draft.Path, type, table.GetOrAdd(venue, symbol), texts))
        {
            var message = new MarketEventBuffer();
            while (reader.ReadMessage(message))
            {
                writer.Write(message.Events);
                message.Clear();
            }

            writer.Close();
        }

        draft.Commit();
    }

    public List<MarketEvent> ReadAll(LakeQuery query)
    {
        using MarketReader reader = LakeReader.Open(Storage, query, new InstrumentTable(), new DamageLog(strict: true));
        var events = new List<MarketEvent>();
        while (reader.Read())
            events.AddRange(reader.Message.Events);
        return events;
    }

    public static long Micros(DateOnly day) => UnixNanos.FromDateTime(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)).Value / 1000;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
