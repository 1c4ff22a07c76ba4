namespace Crpbot.Features;

/// <summary>Guards shared by everything that is saved and restored.</summary>
internal static class Checkpoint
{
    /// <exception cref="InvalidDataException">The count is negative or above what this build can hold.</exception>
    public static int ReadCount(BinaryReader reader, int most)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= most
            ? count
            : throw new InvalidDataException($"feature checkpoint holds {count} values where at most {most} fit; rebuild it from history");
    }
}
