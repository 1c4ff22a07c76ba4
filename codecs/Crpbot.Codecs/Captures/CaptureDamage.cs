namespace Crpbot.Codecs.Captures;

/// <summary>What is wrong at one place of a capture.</summary>
public enum CaptureDamageKind
{
    None = 0,

    /// <summary>The file ends inside a block.</summary>
    CutBlock,

    /// <summary>Bytes that are no block where one should begin; reading went on at the next intact header.</summary>
    BadBlockHeader,

    /// <summary>A block's bytes do not have the hash its header names.</summary>
    BadBlockHash,

    /// <summary>A block with the right hash that makes no sense: a defect of the writer.</summary>
    MalformedBlock,

    /// <summary>Blocks are missing between two intact ones.</summary>
    MissingBlocks,

    /// <summary>The recording was never completed: all whole blocks are there, the index is not.</summary>
    NoFooter,

    /// <summary>The index is damaged; blocks are found by scanning.</summary>
    BadFooter,
}

/// <summary>One loss, or one absence, found while reading a capture.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Byte of the file where it begins.</param>
/// <param name="Bytes">Bytes passed over.</param>
/// <param name="EventsLost">−1 when nobody can know.</param>
public readonly record struct CaptureDamage(CaptureDamageKind Kind, long Offset, long Bytes, long EventsLost)
{
    public override string ToString()
    {
        string what = Kind switch
        {
            CaptureDamageKind.CutBlock => "the file ends inside a block",
            CaptureDamageKind.BadBlockHeader => "no block begins here",
            CaptureDamageKind.BadBlockHash => "a block's bytes are damaged",
            CaptureDamageKind.MalformedBlock => "a block is malformed",
            CaptureDamageKind.MissingBlocks => "blocks are missing",
            CaptureDamageKind.NoFooter => "the recording was not completed",
            CaptureDamageKind.BadFooter => "the index is damaged",
            _ => Kind.ToString(),
        };
        string events = EventsLost < 0 ? "an unknown number of events" : $"{EventsLost} events";
        return $"{what} at byte {Offset}: {Bytes} bytes and {events} lost";
    }
}
