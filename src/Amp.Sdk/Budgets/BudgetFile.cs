using Amp.Files;

namespace Amp.Budgets;

/// <summary>
/// A budget in a file, so that several processes count together. Each change is made while the file is reserved, and sees those before it.
/// What stands in the file is not trusted.
/// </summary>
internal sealed class BudgetFile
{
    public BudgetFile(string path) => Path = path;

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Reads it; null where it is not there.</summary>
    /// <exception cref="AmpValidationException">It cannot be used.</exception>
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

    /// <summary>Changes it, or makes it new for its owner alone, and gives what is in it then.</summary>
    /// <param name="change">Gives what is to be in it for what is in it, null where it is not there; may be called more than once.</param>
    /// <exception cref="AmpValidationException">It cannot be read or written. It is as it was.</exception>
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

    /// <summary>For a file that was there and is not any more.</summary>
    public AmpValidationException Gone() => Unusable("it is not there any more", null);

    // What it leads to may be of another one's choice.
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
