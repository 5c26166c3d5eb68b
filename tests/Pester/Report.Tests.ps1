#Requires -Version 7.4

# What Export-AmpReport takes and writes. What is in a report, and how its page behaves in a browser, is tested with the SDK.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module
    $recorded = Join-Path (Get-AmpTestLayout).Root 'tests/transcripts/tool-bash.jsonl'
}

Describe 'Export-AmpReport' {
    BeforeEach {
        $place = Open-AmpTestPlace
        $page = Join-Path $place.Root 'report [1].html'
    }

    AfterEach {
        Close-AmpTestPlace $place
    }

    It 'takes transcripts as paths, files, folders and messages, and the runs are the same' {
        $folder = New-Item -ItemType Directory (Join-Path $place.Root 'runs')
        Copy-Item -LiteralPath $recorded $folder
        $expected = Export-AmpReport -TranscriptPath $recorded
        $expected | Should -BeOfType string
        $expected | Should -BeLike '<!DOCTYPE html>*RUN:Bash*README.md*</html>*'

        Get-Item -LiteralPath $recorded | Export-AmpReport | Should -BeExactly $expected
        $recorded | Export-AmpReport | Should -BeExactly $expected
        $folder | Export-AmpReport | Should -BeExactly $expected
        Export-AmpReport -TranscriptPath (Join-Path $folder '*.jsonl') | Should -BeExactly $expected
        Import-AmpTranscript -LiteralPath $recorded | Export-AmpReport | Should -BeExactly $expected
        $clixml = Join-Path $place.Root 'run.clixml'
        Import-AmpTranscript -LiteralPath $recorded | Export-Clixml -LiteralPath $clixml
        Import-Clixml -LiteralPath $clixml | Export-AmpReport | Should -BeLike '*>Succeeded<*README.md*'
        Import-AmpTranscript -LiteralPath $recorded -ResultOnly | Export-AmpReport | Should -BeLike '*<article class="m agent"*'
    }

    It 'makes a page of a live run, and one section for each of several' {
        $call = Get-AmpFakeCall $place 'init', 'assistant one', 'result done'
        'first', 'second' | Invoke-AmpAgent @call -ThrottleLimit 2 -WarningAction Ignore | Export-AmpReport -LiteralPath $page
        $written = Get-Content -Raw -LiteralPath $page
        $written | Should -BeLike '*<title>2 runs of the Amp agent</title>*'
        $written | Should -Match '(?s)>first</a>.*>second</a>|>second</a>.*>first</a>'
    }

    It 'masks what this session knows in messages that have lost their run: from Clixml, a job or another session' {
        $call = Get-AmpFakeCall $place 'init', 'assistant I use staple-battery, horse-correct, key-of-the-account and sgamp_user_0123456789.', 'result done'
        $call.Environment = $call.Environment.Clone()
        $call.Environment.DEPLOY_TOKEN = 'staple-battery'
        $clixml = Join-Path $place.Root 'run.clixml'
        Invoke-AmpAgent go @call | Export-Clixml -LiteralPath $clixml

        # The value of another process is one that this session must be told.
        $stored = Import-Clixml -LiteralPath $clixml
        $stored[0].PSObject.TypeNames[0] | Should -BeLike 'Deserialized.Amp.*'
        $stored | Export-AmpReport | Should -Match 'I use \*\*\*, horse-correct, key-of-the-account and \*\*\*\.'
        $key = [System.Net.NetworkCredential]::new('', 'key-of-the-account').SecurePassword
        $stored | Export-AmpReport -Environment @{ OTHER_TOKEN = 'horse-correct' } -ApiKey $key | Should -Match 'I use \*\*\*, \*\*\*, \*\*\* and \*\*\*\.'
        $stored | Export-AmpReport -As Markdown -Environment @{ OTHER_TOKEN = 'horse-correct' } -ApiKey $key | Should -Not -Match 'staple|horse|key-of|0123456789'
    }

    It 'writes the format that the path or -As says, whole or focused' {
        $text = Join-Path $place.Root 'report.md'
        Export-AmpReport $text -TranscriptPath $recorded -Title 'A title'
        (Get-Content -LiteralPath $text)[0] | Should -BeExactly '# A title'
        Export-AmpReport $text -TranscriptPath $recorded -As Html
        (Get-Content -LiteralPath $text)[0] | Should -BeExactly '<!DOCTYPE html>'
        $whole = Export-AmpReport -TranscriptPath $recorded -As Markdown
        $focused = Export-AmpReport -TranscriptPath $recorded -As Markdown -Detail Focused
        $whole | Should -BeLike '*<details><summary>Bash: ls*'
        $focused | Should -Not -BeLike '*<details>*'
    }

    It 'keeps, replaces and passes on files as other cmdlets do' {
        Export-AmpReport -LiteralPath $page -TranscriptPath $recorded -PassThru | Should -BeOfType System.IO.FileInfo
        $first = Get-Content -Raw -LiteralPath $page
        { Export-AmpReport -LiteralPath $page -TranscriptPath $recorded -Title 'x' -NoClobber -ErrorAction Stop } | Should -Throw '*already exists*' -ErrorId 'InvalidOption,*'
        Export-AmpReport -LiteralPath $page -TranscriptPath $recorded -Title 'x' -WhatIf
        Get-Content -Raw -LiteralPath $page | Should -BeExactly $first
        Set-ItemProperty -LiteralPath $page IsReadOnly $true
        { Export-AmpReport -LiteralPath $page -TranscriptPath $recorded } | Should -Throw '*read-only*' -ErrorId 'InvalidOption,*'
        Export-AmpReport -LiteralPath $page -TranscriptPath $recorded -Title 'x' -Force
        Get-Content -Raw -LiteralPath $page | Should -BeLike '*<title>x</title>*'
        { Export-AmpReport (Join-Path $place.Root 'none/x.html') -TranscriptPath $recorded } | Should -Throw '*none*does not exist*' -ErrorId 'InvalidOption,*'
        { Export-AmpReport $place.Root -TranscriptPath $recorded } | Should -Throw '*is a folder*' -ErrorId 'InvalidOption,*'
        @(Get-ChildItem -LiteralPath $place.Root -Force -Filter '*.tmp') | Should -HaveCount 0
    }

    It 'keeps its files private, and replaces no transcript' {
        $run = Join-Path $place.Root 'run.ndjson'
        Copy-Item -LiteralPath $recorded $run
        $before = Get-Content -Raw -LiteralPath $run
        { Export-AmpReport -LiteralPath $run -TranscriptPath $run } | Should -Throw '*run.ndjson*is a transcript*' -ErrorId 'InvalidOption,*'
        { Import-AmpTranscript -LiteralPath $run | Export-AmpReport -LiteralPath $run } | Should -Throw '*is a transcript*' -ErrorId 'InvalidOption,*'
        Get-Content -Raw -LiteralPath $run | Should -BeExactly $before

        # As one of several in a folder too.
        $runs = New-Item -ItemType Directory (Join-Path $place.Root 'runs')
        'a.ndjson', 'b.ndjson', 'c.ndjson' | ForEach-Object { Copy-Item -LiteralPath $recorded (Join-Path $runs $_) }
        { Export-AmpReport -LiteralPath (Join-Path $runs 'b.ndjson') -TranscriptPath $runs } | Should -Throw '*b.ndjson*is a transcript*' -ErrorId 'InvalidOption,*'
        Get-Content -Raw -LiteralPath (Join-Path $runs 'b.ndjson') | Should -BeExactly $before
        Export-AmpReport -LiteralPath $page -TranscriptPath $run
        if (-not $IsWindows) {
            (Get-Item -LiteralPath $page).UnixFileMode | Should -Be 'UserWrite, UserRead'
            [System.IO.File]::SetUnixFileMode($page, 'UserWrite, UserRead, GroupRead')
            Export-AmpReport -LiteralPath $page -TranscriptPath $run
            (Get-Item -LiteralPath $page).UnixFileMode | Should -Be 'GroupRead, UserWrite, UserRead'
        }
    }

    It 'says what is wrong with its input, and writes nothing without a run' {
        $notes = Join-Path $place.Root 'notes.txt'
        Set-Content -LiteralPath $notes 'nothing'
        $noRun = { Export-AmpReport -LiteralPath $page -ErrorVariable script:errors -ErrorAction SilentlyContinue @args }
        & $noRun
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidOption,Amp.PowerShell.Commands.ExportAmpReportCommand'
        & $noRun -TranscriptPath $notes, (Join-Path $place.Root 'missing.ndjson')
        $errors[0].Exception.Message | Should -BeLike "*$notes*contains no run*"
        $errors[1].Exception.Message | Should -BeLike '*missing.ndjson*cannot be read*'
        $errors | Should -HaveCount 2
        1, $null | & { process { $_ | Export-AmpReport -LiteralPath $page -ErrorVariable +script:piped -ErrorAction SilentlyContinue } }
        $piped[0].Exception.Message | Should -BeLike '*System.Int32*'
        Test-Path -LiteralPath $page | Should -BeFalse

        Export-AmpReport -LiteralPath $page -TranscriptPath $notes, $recorded -ErrorAction SilentlyContinue
        Get-Content -Raw -LiteralPath $page | Should -BeLike '*README.md*'
    }

    It 'works beside another Markdown of the host' {
        ('**x**' | ConvertFrom-Markdown).Html | Should -BeLike '*<strong>x</strong>*'
        Export-AmpReport -TranscriptPath $recorded | Should -BeLike '<!DOCTYPE html>*'
        ('*y*' | ConvertFrom-Markdown).Html | Should -BeLike '*<em>y</em>*'
    }
}

Describe "Export-AmpReport of threads$missing" -Skip:([bool] $missing) {
    It 'exports them with the CLI' {
        $place = Open-AmpTestPlace
        try {
            $service = Open-AmpLocalService $place
            $variables = $place.Environment.Clone()
            $variables.AMP_URL = $service.Url
            $variables.AMP_API_KEY = 'local-key-0123456789'
            $call = @{ CliPath = (Get-AmpTestLayout).MarchCli; Environment = $variables; WorkingDirectory = $place.Project }
            $run = Invoke-AmpAgent 'Say hello' @call
            $thread = [pscustomobject] @{ PSTypeName = 'Deserialized.Amp.AmpThread'; Id = $run[0].ThreadId }
            $thread | Export-AmpReport @call | Should -BeLike '<!DOCTYPE html>*Say hello*<article class="m agent"*'
            $thread.Id = 'T-00000000-0000-4000-8000-000000000009'
            $thread | Export-AmpReport @call -ErrorVariable errors -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $errors | Should -HaveCount 1
        } finally {
            Close-AmpTestPlace $place
        }
    }
}
