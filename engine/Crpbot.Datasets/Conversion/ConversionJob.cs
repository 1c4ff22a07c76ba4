using System.Globalization;
using Crpbot.Codecs.Readers;
using Crpbot.Datasets.Lake;
using Crpbot.Messages;

namespace Crpbot.Datasets.Conversion;

/// <summary>One raw file, or one day of an exchange's slices: a pure function from its bytes to partitions.</summary>
internal abstract class ConversionJob(string venue, string type, string symbol, DateOnly day, string key)
{
    public DateOnly Day => day;

    public string Venue => venue;

    public string Type => type;

    public string Symbol => symbol;

    /// <summary>What the result is called in reports and receipts.</summary>
    public string Key => key;

    /// <summary>What shards are cut by.</summary>
    public string ShardKey => Sharding.PartitionKey(venue, type, symbol, day);

    public abstract RawSource Identify(ILakeStorage lake);

    /// <summary>Writes the partitions and commits them.</summary>
    /// <exception cref="InvalidDataException">The source is not of its kind, or the damage log is strict.</exception>
    public abstract ConversionResult Run(ILakeStorage lake, RawSource source, ConversionOptions options, Action<long> progress);

    /// <summary>A day's file holds that day's ReceiveTimes; others would belong to the file of another day.</summary>
    protected bool IsOfDay(UnixNanos receiveTime) => receiveTime >= LakeQuery.StartOf(day) && receiveTime < LakeQuery.StartOf(day.AddDays(1));

    protected void RefuseOtherDay(DamageLog damage, UnixNanos receiveTime) =>
        damage.Add(key, string.Create(CultureInfo.InvariantCulture, $"a message received at {receiveTime}, which is not {day:yyyy-MM-dd}"));
}
