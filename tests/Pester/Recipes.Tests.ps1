#Requires -Version 7.4

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    $missing = Get-AmpTestGap MarchCli
    $page = Join-Path (Get-AmpTestLayout).Root 'docs/recipes.md'
    $shown = @{}
    Get-AmpMarkdownSection $page -Language Output | ForEach-Object { $shown[$_.Heading] = $_.Code }
    # What starts a program for every thread comes while there are few of them.
    $recipes = Get-AmpMarkdownSection $page | ForEach-Object { @{ Name = $_.Heading; Code = $_.Code; Shown = $shown[$_.Heading] } } |
        Sort-Object -Stable { 'Give it your own functions', 'What did it cost?', 'Keep threads as Markdown', 'Clean up old threads' -notcontains $_.Name }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'Amp.TestSupport.psm1')
    Import-Module (Get-AmpTestLayout).Module

    function Add-Thread([string] $Number, [string] $Title, [int] $AgeDays, [int] $MessageCount) {
        $id = "T-00000000-0000-4000-8000-0000000000$Number"
        $when = [datetime]::UtcNow.AddDays(-$AgeDays)
        $messages = @(@{ role = 'user'; messageId = 0; content = @(@{ type = 'text'; text = 'Once upon a time' }) } | Select-Object -First $MessageCount)
        @{
            id = $id; title = $Title; created = $when; updatedAt = $when; version = 1; messageCount = $MessageCount
            json = @{ id = $id; v = 1; created = [datetimeoffset]::new($when).ToUnixTimeMilliseconds(); title = $Title; messages = $messages } |
                ConvertTo-Json -Depth 9 -Compress
        } | ConvertTo-Json | Set-Content -LiteralPath (Join-Path $data "$id.json")
    }

    function Get-Line([object[]] $Object) {
        ($Object | Out-String -Width 120) -split '\r?\n' | ForEach-Object TrimEnd | Where-Object { $_ }
    }

    # What is on the reader's machine and not on this one.
    function journalctl {
        '{"_SYSTEMD_UNIT":"backup.service","MESSAGE":"Out of memory: killed process 4711 (backup)","PRIORITY":"3"}'
        '{"_SYSTEMD_UNIT":"backup.service","MESSAGE":"Out of memory: killed process 4833 (backup)","PRIORITY":"3"}'
    }

    ${function:Get-WinEvent} = { journalctl | ConvertFrom-Json }

    # Who sits at the console: somebody who allows to look, and has a token.
    ${function:Read-Host} = {
        param([string] $Prompt, [switch] $AsSecureString)

        if ($AsSecureString) {
            $text = [securestring]::new()
            'local-key-0123456789'.ToCharArray() | ForEach-Object { $text.AppendChar($_) }
            $text
        } else {
            $Prompt -match 'ls -a' ? 'y' : 'n'
        }
    }

    $machine = @{}

    # The other machine is another process of this one, by the same remoting; it has no key of its own.
    ${function:New-PSSession} = {
        param([string] $HostName)

        $machine['Process'] = [System.Management.Automation.Runspaces.PowerShellProcessInstance]::new()
        $null = $machine['Process'].Process.StartInfo.Environment.Remove('AMP_API_KEY')
        $types = [System.Management.Automation.Runspaces.TypeTable]::LoadDefaultTypeFiles()
        $runspace = [runspacefactory]::CreateOutOfProcessRunspace($types, $machine['Process'])
        $runspace.Open()
        [System.Management.Automation.Runspaces.PSSession]::Create($runspace, "to $HostName", $null)
    }

    # By the recipe's name: what has to be there before, and what must be true after.
    $preparations = @{
        'A fix that must pass its tests' = { Set-Content ./limits.json '{"limit":3}' }
        "Review a change before it is merged" = {
            git init --quiet --initial-branch main
            Set-Content backup.ps1 'Compress-Archive /srv /backup/srv.zip'
            git add .
            git commit --quiet --message 'Back up'
            git update-ref refs/remotes/origin/main HEAD
            git switch --quiet --create tidy
            Set-Content backup.ps1 'Remove-Item /backup/srv.zip; Compress-Archive /srv /backup/srv.zip'
            git commit --quiet --all --message 'Tidy up first'
        }
        'Many repositories, three at a time' = { 'billing', 'intranet', 'website' | ForEach-Object { $null = New-Item -ItemType Directory "./repositories/$_" } }
        'Give it your own functions' = { Set-Content ./servers.csv 'Name,Site,Updated', 'porto-01,Porto,2026-10-30', 'porto-02,Porto,2026-03-02', 'oslo-01,Oslo,2026-10-30' }
    }
    $checks = @{
        "Summarize yesterday's errors" = { }
        'Review a change before it is merged' = { $LASTEXITCODE | Should -Be 1 }
        'A report every night' = {
            $LASTEXITCODE | Should -Be 0
            Get-Content ./report.md | Select-Object -Last 1 | Should -Be 'The certificate ends in three days.'
            './report.md.part' | Should -Not -Exist
        }
        'Many repositories, three at a time' = {
            $answers.ThreadId | Select-Object -Unique | Should -HaveCount 3
            (Get-AmpModelRequest $service | Where-Object prompt -Like 'Which license*').systemPrompt |
                ForEach-Object { [regex]::Match($_, 'repositories/\w+').Value } | Select-Object -Unique | Should -HaveCount 3
        }
        'Let it read, and nothing else' = { $result.Outcome | Should -Be 'Denied' }
        'Approve by hand what changes something' = { Get-ChildItem | Should -Not -BeNullOrEmpty }
        'Give it your own functions' = {
            $told = Get-AmpModelRequest $service | Where-Object { $_.prompt -like 'Which server*' -and $_.step -eq 1 }
            $told.request.messages[-1] | ConvertTo-Json -Depth 9 | Should -Match 'porto-01.*porto-02'
            $told.request.messages[-1] | ConvertTo-Json -Depth 9 | Should -Not -Match 'oslo-01'
        }
        'What did it cost?' = {
            $rows = Import-Csv ./costs.csv
            $rows.Count | Should -Be @(Get-AmpThread -First 50).Count
            ($rows | Where-Object Title -Like 'Which server*').Cost | Should -Be '0.02'
            ($output | Where-Object Dollars | Measure-Object Dollars -Sum).Sum | Should -BeGreaterOrEqual 0.02
            ($output | Where-Object ThreadId)[0].Title | Should -BeLike 'Which server*'
        }
        'Keep threads as Markdown' = {
            Add-Type -AssemblyName System.IO.Compression.FileSystem
            $zip = [System.IO.Compression.ZipFile]::OpenRead((Convert-Path ./threads.zip))
            $names = $zip.Entries.Name
            $zip.Dispose()
            $names | ForEach-Object { $_ -replace ' T-.*' } | Sort-Object | Should -Be 'Nothing said', 'Which server in Porto waits longest for an'
            Get-ChildItem ./threads -Filter 'Which server*' | Get-Content -Raw | Should -Match 'porto-02 does, since March'
        }
        'Clean up old threads' = {
            Get-ChildItem ./old-threads | ForEach-Object Name | Should -BeLike 'An old plan T-*.md'
            (Get-AmpThread).Title | Should -BeLike 'Which server*'
            $all = (Get-AmpThread -IncludeArchived).Title
            $all | Should -HaveCount 2
            $all | Should -Contain 'An old plan'
        }
        'Continue where a run failed' = {
            $output[0] | Should -BeOfType System.Management.Automation.WarningRecord
            $output[0].Message | Should -Match '^Overloaded: .*Overloaded'
            $output[1] | Should -Be 'The build is mended.'
            (Export-AmpThread $result.ThreadId | ConvertFrom-Json).messages[0].content[0].text | Should -Be 'Fix the build'
        }
        'A nightly task with a budget' = {
            ($output | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }).Message | Should -BeLike 'The turn limit of 2 of the budget*is reached*'
            (Get-AmpBudget -LiteralPath ./tonight.json).IsReached | Should -BeTrue
        }
        'An inventory as objects' = { }
        'A fix that must pass its tests' = {
            $result.Outcome | Should -Be 'Succeeded'
            $result.Result | Should -Be 'It is set.'
        }
        'Do something else while agents work' = {
            $job.State | Should -Be 'Completed'
            Get-Job -Name Morning -ErrorAction Ignore | Should -BeNullOrEmpty
        }
        'An audit of a night' = {
            $files = Get-ChildItem ./night
            $files | Should -HaveCount 3
            $files | Get-Content -Raw | Should -Not -Match 'Update the comments|local-key'
        }
        'Test a script without an agent' = {
            $verdict.Text, "$($verdict.Notes)" | Should -Be 'Not yet.', 'No test.'
            $replay.Calls.Prompt | Should -Be 'Review the change: a faster loop'
        }
        'A report of a build' = {
            Get-Content -Raw ./agent-report.html | Should -BeLike '<!DOCTYPE html>*out of date*'
            "$summary" | Should -BeLike '# What in this folder*'
        }
        'Run it on another machine' = {
            $machine['Process'].Dispose()
            $result.PSTypeNames | Should -Contain 'Deserialized.Amp.ResultMessage'
            $output | Should -Be 'Old logs do.', 20
        }
    }
}

Describe 'The recipes' {
    It 'are ten at least' {
        (Get-AmpMarkdownSection (Join-Path (Get-AmpTestLayout).Root 'docs/recipes.md')).Heading.Count | Should -BeGreaterOrEqual 10
    }
}

Describe "A recipe$missing" -Skip:([bool] $missing) {
    BeforeAll {
        $place = Open-AmpTestPlace
        $data = (New-Item -ItemType Directory -Path (Join-Path $place.Root 'data')).FullName
        Add-Thread 11 'An old plan' 200 1
        Add-Thread 13 'Nothing said' 3 0
        $bash = { param($command) @{ tool = 'Bash'; input = @{ cmd = $command } } }
        $rules = @(
            @{ when = @{ prompt = '(?s)What went wrong here.*4711.*4833' }
                answer = "The memory of the machine is too small for backup.service, which was killed twice.`nA person should give it more, or back up in two parts." }
            @{ when = @{ prompt = '(?s)Review this change.*\+Remove-Item'; step = 0 }; answer = @{ blocks = @(
                        @{ tool = 'mcp__ps__Add_Finding'; input = @{ File = 'backup.ps1'; Line = 1; Severity = 'high'; Text = 'The old backup is deleted before there is a new one.' } }
                    ) } }
            @{ when = @{ prompt = 'Review this change' }; answer = 'Not to be merged.' }
            @{ when = @{ prompt = 'about to fail' }; answer = 'The certificate ends in three days.' }
            @{ when = @{ prompt = 'Which license' }; answer = 'MIT' }
            @{ when = @{ prompt = 'Where do we read passwords'; step = 0 }; answer = @{ blocks = @(& $bash 'cat config.ini') } }
            @{ when = @{ prompt = 'Where do we read passwords' }; answer = 'From config.ini, which is not in the repository.' }
            @{ when = @{ prompt = 'Clean this folder up'; step = 0 }; answer = @{ blocks = @((& $bash 'ls -a'), (& $bash 'rm -rf .')) } }
            @{ when = @{ prompt = 'Clean this folder up' }; answer = 'I looked only.' }
            @{ when = @{ prompt = 'Which server in Porto'; step = 0 }; answer = @{ blocks = @(@{ tool = 'mcp__ps__Get_Server'; input = @{ Site = 'Porto' } }) } }
            @{ when = @{ prompt = 'Which server in Porto'; toolResult = '(?<name>porto-\d+)[^}]*2026-03' }; answer = '${name} does, since March.' }
            @{ when = @{ prompt = 'Fix the build' }; times = 1; answer = @{ error = @{ status = 529; type = 'overloaded_error'; message = 'busy' } } }
            @{ when = @{ prompt = 'You were interrupted'; turn = 1 }; answer = 'The build is mended.' }
            @{ when = @{ prompt = 'Sort the imports|Update the comments|Tidy the tests' }; answer = 'Done.' }
            @{ when = @{ prompt = 'List the dependencies'; step = 0 }; answer = @{ blocks = @(@{ tool = 'mcp__amp_output__submit'; input = @{ value = @(
                                @{ Name = 'right'; Version = '2.0.1'; License = 'GPL'; IsOutdated = $true }
                                @{ Name = 'new'; Version = '3.0.0'; License = 'MIT'; IsOutdated = $false }
                                @{ Name = 'left'; Version = '1.3.0'; License = 'MIT'; IsOutdated = $true }
                            ) } }) } }
            @{ when = @{ prompt = 'List the dependencies' }; answer = 'There are three.' }
            @{ when = @{ prompt = 'did not pass'; step = 0 }; answer = @{ blocks = @(& $bash 'echo "{\"limit\":5}" > limits.json') } }
            @{ when = @{ prompt = 'did not pass|Set the limit' }; answer = 'It is set.' }
            @{ when = @{ prompt = 'What fills this folder' }; answer = 'Old logs do.' }
        )
        $service = Open-AmpLocalService $place @{ unmatched = 'error'; rules = $rules } -DataFolder $data
        $reader = Enter-AmpTestReader $place $service
    }

    AfterAll {
        Exit-AmpTestReader $reader
        Close-AmpTestPlace $place
    }

    It 'does what it says: <Name>' -ForEach $recipes {
        $checks.Keys | Should -Contain $Name -Because 'each recipe says here what must come of it'
        $output = @()
        if ($preparations[$Name]) {
            $null = . $preparations[$Name]
        }

        foreach ($block in $Code) {
            $file = Join-Path $place.Root 'recipe.ps1'
            Set-Content -LiteralPath $file -Value $block
            # As a script does where nothing else was said.
            $ErrorActionPreference = 'Continue'
            # As strict as a careful script: what a recipe reads of an object is there.
            Set-StrictMode -Version 3
            $output += @(. $file 2>&1 3>&1)
            Set-StrictMode -Off
        }

        $ErrorActionPreference = 'Stop'
        $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
        if ($Shown) {
            $written = $output | Where-Object { $_ -isnot [System.Management.Automation.WarningRecord] }
            Get-Line $written | Should -Be ($Shown -split '\n' | Where-Object { $_ }) -Because 'the page shows this'
        }

        . $checks[$Name]
        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }

    It 'lets no change through that was not reviewed' {
        $page = Join-Path (Get-AmpTestLayout).Root 'docs/recipes.md'
        $gate = Join-Path $place.Root 'gate.ps1'
        Set-Content -LiteralPath $gate -Value (Get-AmpMarkdownSection $page | Where-Object Heading -EQ 'Review a change before it is merged').Code
        $clone = (New-Item -ItemType Directory -Path (Join-Path $place.Root 'clone')).FullName
        Push-Location -LiteralPath $clone
        try {
            git init --quiet --initial-branch main
            Set-Content backup.ps1 'Compress-Archive /srv /backup/srv.zip'
            git add .
            git commit --quiet --message 'Back up'

            # As a clone of depth 1, which CI has.
            $output = & (Get-AmpTestLayout).PowerShell -NoProfile -NonInteractive -File $gate 2>&1 | Out-String
            $LASTEXITCODE | Should -Be 1 -Because $output

            git update-ref refs/remotes/origin/main HEAD
            . $gate
            $LASTEXITCODE | Should -Be 0 -Because 'there is no change'

            Set-Content backup.ps1 'Remove-Item /backup/srv.zip'
            git commit --quiet --all --message 'Tidy up'
            { Use-AmpReplay -Mock (New-AmpMock -Text '') { . $gate } 3>$null } | Should -Throw '*Empty*'
        } finally {
            Pop-Location
        }

        Get-AmpTestLeftover $place | Should -BeNullOrEmpty
    }
}
