namespace Crpbot.Messages;

/// <summary>A dense index, 1 upwards, given by the process's InstrumentTable; 0 means every Instrument of the stream.</summary>
public readonly record struct InstrumentId(int Value)
{
    public static readonly InstrumentId All;

    public override string ToString() => $"#{Value}";
}
