namespace Crpbot.Features;

/// <summary>What an hour of Trades said about the venue's sides.</summary>
public enum SideCheckVerdict : byte
{
    /// <summary>Too few Trades to say.</summary>
    Unknown = 0,

    /// <summary>At least nine in ten Trades printed on their side of the mid before them.</summary>
    Trusted = 1,

    /// <summary>Fewer than nine in ten.</summary>
    Warning = 2,

    /// <summary>Fewer than six in ten: sides are inverted or clocks disagree, and the data are refused.</summary>
    Refused = 3,
}

/// <summary>Checks hour by hour that buys print at or above the mid in force before them, and sells at or below.</summary>
/// <remarks>An hour's verdict takes effect when it ends and stands for the hour that follows. Source: features-33, section 1.</remarks>
public sealed class SideCheck
{
    private const double Trusted = 0.9;
    private const double Refused = 0.6;

    private readonly int _tradesNeeded;
    private long _hour = long.MinValue;
    private long _right;
    private long _asked;

    internal SideCheck(int tradesNeeded) => _tradesNeeded = tradesNeeded;

    /// <summary>The verdict of the last complete hour.</summary>
    public SideCheckVerdict Verdict { get; private set; }

    /// <summary>The share of Trades on the right side in the last hour that had enough; NaN before.</summary>
    public double Share { get; private set; } = double.NaN;

    /// <summary>Hours that ended below nine, and below six, in ten.</summary>
    public long HoursWarned { get; private set; }

    public long HoursRefused { get; private set; }

    /// <summary>Trades of the hour in progress that printed on the right side, and all that were asked.</summary>
    internal void Add(long right, long asked) => (_right, _asked) = (_right + right, _asked + asked);

    internal void MoveTo(long hour)
    {
        if (hour == _hour)
            return;
        if (_hour != long.MinValue)
            Judge(isFollowing: hour == _hour + 1);
        (_hour, _right, _asked) = (hour, 0, 0);
    }

    internal void Save(BinaryWriter writer)
    {
        foreach (long value in (ReadOnlySpan<long>)[_hour, _right, _asked, HoursWarned, HoursRefused])
            writer.Write(value);
        writer.Write((byte)Verdict);
        writer.Write(Share);
    }

    internal void Load(BinaryReader reader)
    {
        (_hour, _right, _asked) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        (HoursWarned, HoursRefused) = (reader.ReadInt64(), reader.ReadInt64());
        Verdict = (SideCheckVerdict)reader.ReadByte();
        Share = reader.ReadDouble();
    }

    private void Judge(bool isFollowing)
    {
        if (_asked < _tradesNeeded || !isFollowing)
        {
            Verdict = SideCheckVerdict.Unknown;
            return;
        }

        Share = (double)_right / _asked;
        Verdict = Share >= Trusted ? SideCheckVerdict.Trusted : Share >= Refused ? SideCheckVerdict.Warning : SideCheckVerdict.Refused;
        if (Verdict == SideCheckVerdict.Warning)
            HoursWarned++;
        if (Verdict == SideCheckVerdict.Refused)
            HoursRefused++;
    }
}
