namespace Crpbot.Datasets.Lake;

/// <summary>Opens a lake where a user says it is.</summary>
public static class LakeStorage
{
    /// <summary>A folder, or <c>s3://bucket/prefix</c>; see <see cref="S3Connection.FromEnvironment"/> for how the store is reached.</summary>
    /// <remarks>Asks the store nothing: that a bucket is missing or closed is told by the first use.</remarks>
    /// <exception cref="FormatException">The text names neither.</exception>
    /// <exception cref="IOException">The environment says too little to reach the store.</exception>
    public static ILakeStorage Open(string location) => S3Location.IsOne(location)
        ? new S3Lake(S3Location.Parse(location), S3Connection.FromEnvironment())
        : new FolderLake(FolderOf(location));

    private static string FolderOf(string location)
    {
        if (string.IsNullOrWhiteSpace(location))
            throw new FormatException("a lake's location is empty; expected a folder or s3://bucket/prefix");
        int scheme = location.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? location : throw new FormatException($"'{location}': no storage is called {location[..scheme]}; expected a folder or s3://bucket/prefix");
    }
}
