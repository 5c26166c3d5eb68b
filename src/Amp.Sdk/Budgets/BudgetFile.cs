using Amp.Files;

namespace Amp.Budgets;

/// <summary>
/// A budget in a file, which several processes share. Each change is made while the file is locked, and includes the previous changes. The
/// content of the file is not trusted.
/// </summary>
internal sealed class BudgetFile
{
    public BudgetFile(string path) => Path = path;

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Reads the file; null if it does not exist.</summary>
    /// <exception cref="AmpValidationException">The file cannot be used.</exception>
    public BudgetContent? Read()
    {
        RefuseLink();
        try
        {
            if (Directory.Exists(Path))
            {
                throw Unusable("it is a folder", null);
            }

            if (!BoundedFile.IsThere(Path))
            {
                return null;
            }

            if (FileFacts.OfPath(Path) is { IsOwn: false } facts)
            {
                throw Unusable($"it belongs to another user (ID {facts.Owner})", null);
            }

            return Parse(BoundedFile.Read(Path));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception.Message, exception);
        }
    }

    /// <summary>Changes the file, or creates it with access only for its owner, and returns its new content.</summary>
    /// <param name="change">Returns the new content for the current one, which is null if the file does not exist. It can be called more
    /// than once.</param>
    /// <exception cref="AmpValidationException">The file cannot be read or written. It is unchanged.</exception>
    public BudgetContent Change(Func<BudgetContent?, BudgetContent> change)
    {
        RefuseLink();
        BudgetContent? after = null;
        FileChange file = new(Path, Unusable) { ClosesFile = true };
        file.Apply(
            before =>
            {
                after = change(before is null ? null : Parse(before));
                return after.ToBytes();
            },
            CancellationToken.None);
        return after!;
    }

    /// <summary>Creates the error for a file that was deleted.</summary>
    public AmpValidationException Gone() => Unusable("it no longer exists", null);

    // Someone else may have chosen the target of the link.
    private void RefuseLink()
    {
        try
        {
            if (new FileInfo(Path).LinkTarget is not null)
            {
                throw Unusable("it is a link", null);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception.Message, exception);
        }
    }

    private BudgetContent Parse(byte[] json)
    {
        try
        {
            return BudgetContent.Parse(json);
        }
        catch (FormatException exception)
        {
            throw Unusable(exception.Message, null);
        }
    }

    private AmpValidationException Unusable(string reason, Exception? cause) => new(
        $"The budget file '{Path}' cannot be used: {reason}{(cause is null ? "." : string.Empty)}",
        "Path",
        "Give another path, or remove the file to start at zero.",
        Path);
}
